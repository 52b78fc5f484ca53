import { Button, FileButton, Progress, Stack, Text } from '@mantine/core';
import { IconFileUpload } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Problem } from '../../api/problem.ts';
import { useRead } from '../../api/queries.ts';
import { useSession } from '../../api/session.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { OrganizationPicker } from '../../parts/OrganizationPicker.tsx';
import { sendFile } from './upload.ts';

type Props = { organizationId: string | undefined; onSent: (importId: string) => void };

/** The first step: below which organization, and the file, which is sent at once. */
export function ChooseFile({ organizationId: asked, onSent }: Props): ReactNode {
  const { t } = useTranslation();
  const { membership } = useSession();
  const own = { id: membership.organizationId, name: membership.organizationName };
  const [organizationId, setOrganizationId] = useState(asked ?? own.id);
  const [sent, setSent] = useState(0);
  const known = useRead('organization.read', { organizationId }, { enabled: organizationId !== own.id });
  const sending = useMutation<string, Problem, File>({
    mutationFn: (file) => sendFile(organizationId, file, setSent),
    onSuccess: onSent,
  });
  return (
    <Stack maw={560}>
      <OrganizationPicker
        label={t('peopleImport.where')}
        description={t('peopleImport.whereHint')}
        value={organizationId}
        known={organizationId === own.id ? own : known.data}
        onChange={(id) => setOrganizationId(id ?? own.id)}
      />
      <FileButton onChange={(file) => file && sending.mutate(file)} accept=".csv,.txt,text/csv">
        {(props) => (
          <Button
            {...props}
            loading={sending.isPending}
            leftSection={<IconFileUpload size={16} aria-hidden />}
            style={{ alignSelf: 'flex-start' }}
          >
            {t('peopleImport.choose')}
          </Button>
        )}
      </FileButton>
      <Text size="sm" c="dimmed">
        {t('peopleImport.chooseHint')}
      </Text>
      {sending.isPending ? (
        <Progress value={sent * 100} aria-label={t('peopleImport.sending')} size="lg" />
      ) : null}
      <ActProblem problem={sending.error} />
    </Stack>
  );
}
