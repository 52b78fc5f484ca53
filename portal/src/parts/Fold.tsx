import { Collapse, Stack, UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { type ReactNode, useId, useState } from 'react';

/** The optional part of a form: closed until asked for; what was filled in stays when it is closed again. */
export function Fold({ label, children }: { label: string; children: ReactNode }): ReactNode {
  const [open, setOpen] = useState(false);
  const id = useId();
  const Icon = open ? IconChevronDown : IconChevronRight;
  return (
    <div>
      <UnstyledButton
        type="button"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen((was) => !was)}
        c="var(--mantine-color-anchor)"
        mih={32}
        style={{ display: 'inline-flex', alignItems: 'center', gap: 6 }}
      >
        <Icon size={16} aria-hidden />
        {label}
      </UnstyledButton>
      <Collapse expanded={open} id={id}>
        <Stack pt="xs">{children}</Stack>
      </Collapse>
    </div>
  );
}
