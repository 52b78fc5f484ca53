import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client.ts';
import { useChange } from '../../api/queries.ts';
import { offerUndo, sayDone, sayProblem } from '../../parts/undo-toast.tsx';
import type { Person } from './PersonPage.tsx';

/** Suspending restores exactly by letting back in, so it is done at once and can be undone. */
export function SuspendButton({ person }: { person: Person }): ReactNode {
  const { t } = useTranslation();
  const { membershipId } = person;
  const name = person.user.displayName;
  const suspend = useChange('membership.suspend', () => {
    offerUndo(t('person.suspended', { name }), () => call('membership.resume', { membershipId }));
  });
  const resume = useChange('membership.resume', () => sayDone(t('person.resumed', { name })));
  if (!person.may.includes('membership.suspend') || person.isSelf || person.state === 'left') return null;
  return person.state === 'suspended' ? (
    <Button
      color="teal.9"
      loading={resume.isPending}
      onClick={() => resume.mutate({ membershipId }, { onError: sayProblem })}
    >
      {t('person.resume')}
    </Button>
  ) : (
    <Button
      color="red"
      variant="outline"
      loading={suspend.isPending}
      onClick={() => suspend.mutate({ membershipId }, { onError: sayProblem })}
    >
      {t('person.suspend')}
    </Button>
  );
}
