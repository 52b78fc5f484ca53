import { Alert, Button, CopyButton, Group, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconLink } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import type { Output } from '../../api/types.ts';
import { isoDay } from '../../i18n/dates.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { RefusedLine } from '../../page/RefusedLine.tsx';
import { contentsOf } from '../../parts/grantable.ts';
import { sayDone, sayFailed } from '../../parts/undo-toast.tsx';
import { sayWouldBreak, sayWouldBreakAsked } from '../../parts/would-break.ts';
import { notTaken } from '../requests/attach.ts';
import { useAskWithFile } from './ask-with-file.ts';
import { FileField } from './FileField.tsx';
import { RiskBadge } from './OfferList.tsx';
import { lasts, linkTo, nameOf, type Offer, type Whom, whoDecides, whoHas } from './offer.ts';

type FilledIn = { until?: string | undefined; reason?: string | undefined };
type Props = {
  offer: Offer | undefined;
  whom: Whom | undefined;
  forIds: readonly string[];
  filledIn: FilledIn;
  onClose: () => void;
};

/** Why, until when: everything may stay empty. */
export function AskDialog({ offer, whom, ...rest }: Props): ReactNode {
  const { t } = useTranslation();
  return (
    <Modal
      opened={offer !== undefined}
      onClose={rest.onClose}
      title={offer ? t('ask.dialog', { name: nameOf(offer) }) : ''}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {offer && whom ? <AskForm key={offer.id} offer={offer} whom={whom} {...rest} /> : null}
    </Modal>
  );
}

type FormProps = Omit<Props, 'offer' | 'whom'> & { offer: Offer; whom: Whom };

function AskForm({ offer, whom, forIds, filledIn, onClose }: FormProps): ReactNode {
  const { t } = useTranslation();
  const [reason, setReason] = useState(filledIn.reason ?? '');
  const [until, setUntil] = useState(filledIn.until ?? '');
  const [refused, setRefused] = useState<string[]>([]);
  const name = nameOf(offer);
  const [file, setFile] = useState<File | null>(null);
  const navigate = useNavigate();
  const one = useAskWithFile(file, ({ requestId, created, wantsAttachment, withoutFile }) => {
    onClose();
    if (withoutFile) {
      // it stands all the same: where it can be added is the next page
      void navigate({ to: '/requests/$requestId', params: { requestId } });
      sayFailed(t('ask.sentWithoutFile', { name }), withoutFile.text);
    } else if (!created) sayDone(t('ask.askedAlready', { name }));
    else sayDone(wantsAttachment ? t('ask.sentFileToCome', { name }) : t('ask.sent', { name }));
  });
  const many = useChange('request.create-many', ({ results }) => {
    const sent = results.filter(({ ok }) => ok).length;
    setRefused(refusalsIn(results));
    if (sent > 0) sayDone(t('ask.sentMany', { name, count: sent }));
    if (sent === results.length) onClose();
  });
  const submit = (): void => {
    if (file && notTaken(file)) return;
    const what = {
      ...(offer.kind === 'entitlement' ? { entitlementId: offer.id } : { accessRoleId: offer.id }),
      reason: reason.trim(),
      lastDay: until || undefined,
    };
    if (forIds.length > 1) many.mutate({ ...what, membershipIds: [...forIds] });
    else one.mutate({ ...what, membershipId: forIds[0] });
  };
  const who =
    forIds.length > 1
      ? t('ask.forPeople', { count: forIds.length })
      : forIds.length === 1
        ? t('ask.forPerson', { name: whom.displayName })
        : undefined;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack>
        <Stack gap={4}>
          {who ? <Text fw={600}>{who}</Text> : null}
          {offer.description ? <Text size="sm">{offer.description}</Text> : null}
          {offer.kind === 'access-role' ? (
            <Text size="sm">{t('ask.contains', { what: contentsOf(offer) })}</Text>
          ) : null}
          <Text size="sm" c="dimmed">
            {[whoDecides(offer), whoHas(offer), lasts(offer, whom)].filter(Boolean).join(' · ')}
          </Text>
          <div>
            <RiskBadge risk={offer.risk} />
          </div>
        </Stack>
        <Separation offer={offer} />
        <Textarea
          label={forIds.length > 0 ? t('ask.reasonForOthers') : t('ask.reason')}
          description={t('ask.reasonHint')}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          maxLength={1000}
          autosize
          minRows={2}
          data-autofocus
        />
        <TextInput
          type="date"
          label={t('access.until')}
          description={t('access.untilHint')}
          min={isoDay()}
          value={until}
          onChange={(event) => setUntil(event.currentTarget.value)}
        />
        {offer.wantsAttachment && forIds.length <= 1 ? <FileField file={file} onChange={setFile} /> : null}
        {offer.wantsAttachment && forIds.length > 1 ? (
          // each of them could read what is about another
          <Text size="sm">{t('ask.fileEach')}</Text>
        ) : null}
        <ActProblem problem={one.error ?? many.error} />
        {refused.map((text) => (
          <RefusedLine key={text} text={text} />
        ))}
        <Group justify="space-between">
          <CopyLink address={linkTo(offer, { forIds, until, reason })} />
          <Button type="submit" loading={one.isPending || many.isPending}>
            {t('ask.send')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Said before it is refused: an exception has to come first, or another day. */
function Separation({ offer }: { offer: Offer }): ReactNode {
  const broken = sayWouldBreak(offer.wouldBreak) ?? sayWouldBreakAsked(offer.wouldBreakAsked);
  if (!broken) return null;
  return (
    <Alert color="orange" variant="outline" c="inherit" icon={<IconAlertTriangle aria-hidden />} py="xs">
      <Text size="sm">{broken}</Text>
    </Alert>
  );
}

/** For whoever tells others what to ask for. */
function CopyLink({ address }: { address: string }): ReactNode {
  const { t } = useTranslation();
  return (
    <CopyButton value={address} timeout={4000}>
      {({ copied, copy }) => (
        <Button
          variant="subtle"
          leftSection={copied ? <IconCheck size={16} aria-hidden /> : <IconLink size={16} aria-hidden />}
          onClick={copy}
        >
          {copied ? t('copy.done') : t('ask.copyLink')}
        </Button>
      )}
    </CopyButton>
  );
}

/** Each reason once: for many people it is mostly the same. */
const refusalsIn = (results: Output<'request.create-many'>['results']): string[] => [
  ...new Set(results.flatMap(({ refusal }) => refusal?.text ?? [])),
];
