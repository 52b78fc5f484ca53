import { Fieldset, Radio, Stack, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { ActButton, GiveButton } from '../../parts/ActButton.tsx';
import { OrganizationPicker } from '../../parts/OrganizationPicker.tsx';
import { type FormProps, usePasswordAgain, useSave } from './save-source.tsx';
import { TryFirst } from './TryOut.tsx';

const ways = ['source', 'tree', 'attribute', 'map'] as const;
type Row = { below: string; organizationId: string | null };

/** Which organization people of a directory belong to. */
export function PlacesForm(props: FormProps): ReactNode {
  const { t } = useTranslation();
  const { places, organizationName: organization } = props.source;
  const [from, setFrom] = useState<(typeof ways)[number]>(places.from);
  const [attribute, setAttribute] = useState(places.from === 'attribute' ? places.attribute : '');
  const [rows, setRows] = useState<Row[]>(
    places.from === 'map' ? places.map : [{ below: '', organizationId: null }],
  );
  const { save, busy, problem } = useSave(props);
  const again = usePasswordAgain(props.source);
  const map = rows.flatMap(({ below, organizationId }) =>
    below.trim() && organizationId ? [{ below: below.trim(), organizationId }] : [],
  );
  const said = {
    source: { way: t('sources.place.source', { organization }), hint: t('sources.placeHint.source') },
    tree: { way: t('sources.place.tree'), hint: t('sources.placeHint.tree') },
    attribute: { way: t('sources.place.attribute'), hint: t('sources.placeHint.attribute') },
    map: { way: t('sources.place.map'), hint: t('sources.placeHint.map', { organization }) },
  };
  const put = (n: number, row: Row): void => setRows(rows.map((one, at) => (at === n ? row : one)));
  const asked = {
    places:
      from === 'attribute'
        ? { from, attribute: attribute.trim() }
        : from === 'map'
          ? { from, map }
          : { from },
    ...again.said,
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save(asked);
      }}
    >
      <Stack>
        <Radio.Group
          label={t('sources.where')}
          value={from}
          onChange={(one) => setFrom(ways.find((way) => way === one) ?? from)}
        >
          <Stack gap="xs" mt="xs">
            {ways.map((way) => (
              <Radio key={way} value={way} label={said[way].way} description={said[way].hint} />
            ))}
          </Stack>
        </Radio.Group>
        {from === 'attribute' ? (
          <TextInput
            label={t('sources.attribute')}
            required
            maxLength={100}
            autoComplete="off"
            value={attribute}
            onChange={(event) => setAttribute(event.currentTarget.value)}
          />
        ) : null}
        {from === 'map' ? (
          <>
            {rows.map((row, n) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: parts are told apart by their place alone
              <Fieldset key={n} legend={t('sources.part', { n: n + 1 })}>
                <Stack gap="xs">
                  <TextInput
                    label={t('sources.below')}
                    autoComplete="off"
                    value={row.below}
                    onChange={(event) => put(n, { ...row, below: event.currentTarget.value })}
                  />
                  <Place
                    value={row.organizationId}
                    onChange={(organizationId) => put(n, { ...row, organizationId })}
                  />
                  <div>
                    <ActButton
                      size="xs"
                      variant="default"
                      blocked={false}
                      aria-label={t('sources.dropPart', { n: n + 1 })}
                      onClick={() => setRows(rows.filter((_, at) => at !== n))}
                    >
                      {t('do.remove')}
                    </ActButton>
                  </div>
                </Stack>
              </Fieldset>
            ))}
            <div>
              <ActButton
                size="xs"
                variant="default"
                blocked={false}
                onClick={() => setRows([...rows, { below: '', organizationId: null }])}
              >
                {t('sources.addPart')}
              </ActButton>
            </div>
          </>
        ) : null}
        {again.field}
        <TryFirst
          attempt={{ source: { sourceId: props.source.sourceId, ...asked } }}
          blocked={props.source.hasPassword ? false : t('sources.noPassword')}
        />
        <ActProblem problem={problem} />
        <GiveButton
          type="submit"
          blocked={from === 'map' && map.length === 0 ? t('sources.partFirst') : false}
          loading={busy}
        >
          {t('do.save')}
        </GiveButton>
      </Stack>
    </form>
  );
}

function Place({
  value,
  onChange,
}: {
  value: string | null;
  onChange: (organizationId: string | null) => void;
}): ReactNode {
  const { t } = useTranslation();
  const known = useRead('organization.read', { organizationId: value ?? '' }, { enabled: value !== null });
  return (
    <OrganizationPicker
      label={t('sources.belongs')}
      value={value}
      known={known.data && { id: known.data.id, name: known.data.name }}
      onChange={onChange}
    />
  );
}
