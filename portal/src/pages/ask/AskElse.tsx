import { Button, Menu, Modal } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { sayDone } from '../../parts/undo-toast.tsx';
import { type AskKind, askKinds } from '../../routes/asking-routes.ts';
import { AskAccount } from './AskAccount.tsx';
import { AskDelegation } from './AskDelegation.tsx';
import { AskLastDay } from './AskLastDay.tsx';
import { AskOrganization } from './AskOrganization.tsx';
import type { AskFormProps } from './ask-form.ts';
import { FileWanted } from './FileWanted.tsx';
import { idsIn } from './offer.ts';

const forms: Record<AskKind, (props: AskFormProps) => ReactNode> = {
  account: AskAccount,
  organization: AskOrganization,
  'last-day': AskLastDay,
  delegation: AskDelegation,
};

/** Everything that can be asked for and is no access: a menu, each with a short dialog. Its address fills it in, too. */
export function AskElse(): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate({ from: '/ask' });
  const { kind } = useSearch({ from: '/shell/ask' });
  const mine = useRead('request.kinds', {});
  const offered = askKinds.filter((one) => mine.data?.kinds.includes(one));
  const open = (to: AskKind | undefined): void => {
    void navigate({
      search: (before) => ({ q: before.q, after: before.after, for: before.for, kind: to }),
      replace: to === undefined,
    });
  };
  if (offered.length === 0) return null;
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <Button variant="default" rightSection={<IconChevronDown size={16} aria-hidden />}>
            {t('askElse.open')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {offered.map((one) => (
            <Menu.Item key={one} onClick={() => open(one)}>
              {t(`askElse.kind.${one}`)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Modal
        opened={kind !== undefined}
        onClose={() => open(undefined)}
        title={kind ? t(`askElse.title.${kind}`) : ''}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {kind ? <FormOf kind={kind} onDone={() => open(undefined)} /> : null}
      </Modal>
    </>
  );
}

/** The form, once it is known where and for whom: what a link names is looked up, what the reader does not see is left out. */
function FormOf({ kind, onDone }: { kind: AskKind; onDone: () => void }): ReactNode {
  const { t } = useTranslation();
  const search = useSearch({ from: '/shell/ask' });
  const [sent, setSent] = useState<string>();
  const aboutId = search.about ?? idsIn(search.for)[0];
  const person = useRead(
    'request.catalogue',
    { membershipId: aboutId, limit: 1 },
    { enabled: aboutId !== undefined },
  );
  const place = useRead(
    'organization.read',
    { organizationId: search.at ?? '' },
    { enabled: search.at !== undefined },
  );
  if (sent) return <FileWanted requestId={sent} onDone={onDone} />;
  if (person.isLoading || place.isLoading) return null;
  const whom = person.data?.whom;
  const Form = forms[kind];
  return (
    <Form
      at={place.data ?? (whom ? { id: whom.organizationId, name: whom.organizationName } : undefined)}
      // a refusal is about somebody; what is asked for because of it is for the reader
      whom={search.about ? undefined : whom}
      permission={search.permission}
      onSent={({ requestId, wantsAttachment }) => {
        if (wantsAttachment) return setSent(requestId);
        onDone();
        sayDone(t('askElse.sent'));
      }}
    />
  );
}
