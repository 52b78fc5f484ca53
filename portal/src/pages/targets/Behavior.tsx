import { List, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Section } from '../../page/Section.tsx';
import { ActButton } from '../../parts/ActButton.tsx';
import { FormDialog } from '../../parts/FormDialog.tsx';
import { LimitsForm } from './LimitsForm.tsx';
import { MendingForm } from './MendingForm.tsx';
import { PasswordsForm } from './PasswordsForm.tsx';
import { PolicyForm } from './PolicyForm.tsx';
import type { TargetDetail } from './target.ts';

const parts = ['policy', 'mending', 'limits', 'passwords'] as const;
type Part = (typeof parts)[number];

const forms = { policy: PolicyForm, mending: MendingForm, limits: LimitsForm, passwords: PasswordsForm };

/** What happens by itself: when somebody comes and goes, when something differs, how much at once, and to passwords. */
export function Behavior({ target, blocked }: { target: TargetDetail; blocked: false | string }): ReactNode {
  const { t } = useTranslation();
  const [asked, setAsked] = useState<Part>();
  const close = (): void => setAsked(undefined);
  const says = useWords(target);
  // what a connector cannot do is no choice; a setting that it had before is still shown
  const shown = (part: Part): boolean =>
    part !== 'passwords' || target.can.passwords.length > 0 || target.passwords !== null;
  const Form = asked ? forms[asked] : undefined;
  return (
    <>
      {parts.filter(shown).map((part) => (
        <Section
          key={part}
          title={t(`behavior.${part}`)}
          actions={
            part === 'mending' && target.can.list === 'none' ? null : (
              <ActButton
                size="xs"
                variant="default"
                blocked={blocked}
                aria-label={t(`behavior.change.${part}`)}
                onClick={() => setAsked(part)}
              >
                {t('do.edit')}
              </ActButton>
            )
          }
        >
          <List size="sm" listStyleType="none">
            {says[part].map((one) => (
              <List.Item key={one}>
                <Text size="sm" span>
                  {one}
                </Text>
              </List.Item>
            ))}
          </List>
        </Section>
      ))}
      <FormDialog
        opened={asked !== undefined}
        onClose={close}
        title={asked ? t(`behavior.change.${asked}`) : ''}
      >
        {Form ? <Form target={target} onClose={close} /> : null}
      </FormDialog>
    </>
  );
}

/** How it is set, in sentences. */
function useWords(target: TargetDetail): Record<Part, string[]> {
  const { t } = useTranslation();
  const { policy, mending, limits, brake, passwords } = target;
  const does = (kind: 'missing' | 'drift' | 'orphan', what: string): string =>
    t('behavior.does', { kind: t(`differences.kind.${kind}`), what });
  const lists = target.can.list !== 'none';
  return {
    policy: [
      t('targets.onLossText', {
        what: t(`targets.onLoss.${policy.onLoss}`, { count: policy.deleteAfterDays }),
      }),
      policy.prepareDays > 0
        ? t('behavior.prepares', { count: policy.prepareDays })
        : t('behavior.preparesNot'),
    ],
    mending: lists
      ? [
          does('missing', t(`behavior.way.missing.${mending.missing}`)),
          does('drift', t(`behavior.way.drift.${mending.drift}`)),
          does('orphan', t(`behavior.way.orphan.${mending.orphan}`)),
          t(mending.nightly ? 'behavior.nightly' : 'behavior.notNightly'),
        ]
      : [t('differences.cannotList')],
    limits: [
      t('behavior.brakeSays', { atLeast: brake.atLeast, share: Math.round(brake.share * 100) }),
      ...(target.can.calls
        ? [t('behavior.limitsSay', { atOnce: limits.atOnce, perMinute: limits.perMinute })]
        : []),
    ],
    passwords: passwords
      ? [
          ...(passwords.initial ? [t('behavior.initialSays')] : []),
          ...(passwords.sync ? [t('behavior.syncSays')] : []),
        ]
      : [t('behavior.noPasswords')],
  };
}
