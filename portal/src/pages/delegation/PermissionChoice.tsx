import { Checkbox, Fieldset, SimpleGrid } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Permission } from '../../../../src/authority/permissions.ts';
import { usePermissionWords } from './permission-words.ts';

type Props = { label: string; value: readonly Permission[]; onChange: (chosen: Permission[]) => void };

/** Single acts, in words. */
export function PermissionChoice({ label, value, onChange }: Props): ReactNode {
  const words = usePermissionWords();
  return (
    <Fieldset legend={label}>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs">
        {[...words].map(([permission, text]) => (
          <Checkbox
            key={permission}
            label={text}
            checked={value.includes(permission)}
            onChange={(event) =>
              onChange(
                event.currentTarget.checked
                  ? [...value, permission]
                  : value.filter((one) => one !== permission),
              )
            }
          />
        ))}
      </SimpleGrid>
    </Fieldset>
  );
}
