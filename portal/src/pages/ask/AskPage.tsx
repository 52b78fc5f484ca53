import { Alert, Stack } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { Page } from '../../page/Page.tsx';
import { ButtonLink, TextLink } from '../../parts/links.tsx';
import { SearchField } from '../../parts/SearchField.tsx';
import { AskDialog } from './AskDialog.tsx';
import { AskElse } from './AskElse.tsx';
import { ForWhom } from './ForWhom.tsx';
import { OfferList } from './OfferList.tsx';
import { idsIn, isMeant, linkedInput, nameOf, type Offer } from './offer.ts';

/** What one could ask for, for oneself or for others. A link may choose one already, and fill in the rest. */
export function AskPage(): ReactNode {
  const { t } = useTranslation();
  const search = useSearch({ from: '/shell/ask' });
  const navigate = useNavigate({ from: '/ask' });
  const [chosen, setChosen] = useState<Offer>();
  const forIds = idsIn(search.for);
  // of several people the first: each is asked for, and judged, alone
  const whom = forIds[0] ? { membershipId: forIds[0] } : {};
  const query = useRead(
    'request.catalogue',
    { ...whom, ...(search.q ? { search: search.q } : {}), cursor: search.after, limit: 50 },
    { keepPrevious: true },
  );
  const wanted = linkedInput(search);
  const linked = useRead(
    'request.catalogue',
    { ...whom, ...wanted, limit: 50 },
    { enabled: wanted !== undefined },
  );
  const meant = wanted && linked.data?.items.find((offer) => isMeant(offer, search));
  const asking = chosen ?? (meant?.state === 'free' ? meant : undefined);
  const close = (): void => {
    setChosen(undefined);
    if (!wanted) return;
    void navigate({
      search: (before) => ({ q: before.q, after: before.after, for: before.for }),
      replace: true,
    });
  };
  return (
    <Page title={t('ask.title')} lead={t('ask.lead')} actions={<AskElse />}>
      {meant?.openRequestId ? (
        <Alert
          variant="outline"
          color="gray"
          c="inherit"
          title={t('ask.askedAlready', { name: nameOf(meant) })}
        >
          <TextLink to="/requests/$requestId" params={{ requestId: meant.openRequestId }} size="sm">
            {t('ask.seeRequest')}
          </TextLink>
        </Alert>
      ) : null}
      {wanted && linked.data && !meant ? (
        <Alert variant="outline" color="gray" c="inherit" title={t('ask.linkGone')}>
          {t('ask.linkGoneText')}
        </Alert>
      ) : null}
      <ForWhom
        ids={forIds}
        onChange={(ids) =>
          navigate({
            search: (before) => ({ ...before, after: undefined, for: ids.join(',') || undefined }),
            replace: true,
          })
        }
      />
      <SearchField
        label={t('ask.search')}
        value={search.q}
        onSearch={(q) =>
          navigate({ search: (before) => ({ ...before, after: undefined, q }), replace: true })
        }
        maw={420}
      />
      <Loaded
        query={query}
        notAllowed={t('state.notAllowedPage')}
        empty={{
          when: (page) => page.items.length === 0,
          title: search.q ? t('ask.noneFound') : t('ask.none'),
          text: search.q ? t('ask.noneFoundText') : t('ask.noneText'),
          action: null,
        }}
      >
        {(page) => (
          <Stack>
            <OfferList offers={page.items} onAsk={setChosen} />
            {page.next ? (
              <ButtonLink
                to="/ask"
                search={{ ...search, after: page.next }}
                variant="default"
                style={{ alignSelf: 'flex-start' }}
              >
                {t('table.next')}
              </ButtonLink>
            ) : null}
          </Stack>
        )}
      </Loaded>
      <AskDialog
        offer={asking}
        whom={(chosen ? query : linked).data?.whom}
        forIds={forIds}
        filledIn={chosen ? {} : search}
        onClose={close}
      />
    </Page>
  );
}
