import { Button, Checkbox, Group, Paper, Stack } from '@mantine/core';
import { IconKeyboard } from '@tabler/icons-react';
import { type ReactNode, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Selection } from '../../table/selection.ts';
import { Beside, BesideBadges, Separations } from './Beside.tsx';
import { DecideButtons } from './DecideButtons.tsx';
import { useInboxKeys, useKeysOn } from './inbox-keys.ts';
import { KeysHelp } from './KeysHelp.tsx';
import { type Request, RequestFacts, titleOf } from './RequestFacts.tsx';

/** Each request with its two buttons, and all that a decision needs. The whole list works by keyboard. */
export function Inbox({
  requests,
  selection,
}: {
  requests: readonly Request[];
  selection: Selection<Request>;
}): ReactNode {
  const { t } = useTranslation();
  const list = useRef<HTMLDivElement>(null);
  const [help, setHelp] = useState(false);
  const keysOn = useKeysOn();
  const [refusing, setRefusing] = useState<string>();
  useInboxKeys(list, keysOn.on, {
    onHelp: () => setHelp(true),
    onRefuse: (at) => setRefusing(requests[at]?.requestId),
  });
  // the next card takes the focus when one leaves, so that the keyboard goes on where it was
  const keepPlace = (): void => {
    const cards = [...(list.current?.querySelectorAll<HTMLElement>(':scope > li') ?? [])];
    const at = cards.findIndex((card) => card.contains(document.activeElement));
    if (at >= 0) (cards[at + 1] ?? cards[at - 1])?.focus();
  };
  return (
    <>
      <Group justify="flex-end" visibleFrom="sm" mb="xs">
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconKeyboard size={16} aria-hidden />}
          onClick={() => setHelp(true)}
        >
          {t('inbox.keys.show')}
        </Button>
      </Group>
      <Stack
        component="ul"
        ref={list}
        p={0}
        m={0}
        style={{ listStyle: 'none' }}
        aria-label={t('requests.box.inbox')}
      >
        {requests.map((request) => (
          <Waiting
            key={request.requestId}
            request={request}
            selection={selection}
            refusing={refusing === request.requestId}
            onLeave={() => setRefusing(undefined)}
            onDecided={() => {
              setRefusing(undefined);
              keepPlace();
              selection.set([request], false);
            }}
          />
        ))}
      </Stack>
      <KeysHelp opened={help} onClose={() => setHelp(false)} keysOn={keysOn} />
    </>
  );
}

function Waiting({
  request,
  selection,
  refusing,
  onLeave,
  onDecided,
}: {
  request: Request;
  selection: Selection<Request>;
  refusing: boolean;
  onLeave: () => void;
  onDecided: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const card = useRef<HTMLLIElement>(null);
  const { beside } = request;
  const title = titleOf(request);
  return (
    <Paper ref={card} component="li" withBorder p="md" tabIndex={-1} aria-label={title}>
      <Stack gap="sm">
        <Group wrap="nowrap" align="flex-start" gap="sm">
          {beside?.risk === 'low' ? (
            <Checkbox
              mt={2}
              aria-label={t('table.selectRow', { name: title })}
              checked={selection.has(request.requestId)}
              onChange={(event) => selection.set([request], event.currentTarget.checked)}
            />
          ) : null}
          <RequestFacts request={request} />
        </Group>
        {beside ? <BesideBadges beside={beside} /> : null}
        {beside ? <Beside request={request} beside={beside} /> : null}
        {beside ? <Separations beside={beside} /> : null}
        <DecideButtons
          request={request}
          onDecided={onDecided}
          refusing={refusing}
          onLeave={() => {
            onLeave();
            card.current?.focus();
          }}
        />
      </Stack>
    </Paper>
  );
}
