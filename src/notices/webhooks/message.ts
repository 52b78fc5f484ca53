import type { RequestKind } from '../../requests/policy.ts';
import { untilIn } from '../words.ts';
import { type EventType, filled, type Placeholder, type testType } from './rules.ts';
import { type Language, wordsFor } from './words.ts';

/** What a webhook is told of one event: only what its maker may see at this moment. */
export type Told = {
  type: EventType | typeof testType;
  at: Date;
  organization: { id: string; name: string; timeZone: string };
  person: { userId: string; membershipId: string | null; name: string } | null;
  /** who did it, where they may be known */
  by: string | null;
  access: {
    kind: 'entitlement' | 'access-role';
    id: string;
    name: string;
    applicationName: string | null;
  } | null;
  request: { id: string; kind: RequestKind; state: string } | null;
  until: Date | null;
  link: string;
};

export type Format = 'standard' | 'slack' | 'teams';

export type Wording = { format: Format; language: Language; templates: Partial<Record<string, string>> };

/** The body that is sent. */
export function bodyOf(told: Told, wording: Wording): string {
  return JSON.stringify(bodies[wording.format](told, wording));
}

const bodies: Record<Format, (told: Told, wording: Wording) => unknown> = {
  /** Standard Webhooks, section "Payload structure": a type, an instant, the data. */
  standard: ({ type, at, organization, person, by, access, request, until, link }) => ({
    type,
    timestamp: at.toISOString(),
    data: {
      organization: { id: organization.id, name: organization.name },
      person,
      by,
      access,
      request,
      until: until?.toISOString() ?? null,
      link,
    },
  }),
  /**
   * Slack: what is filled in must not become a link or call a channel, so its three control characters are escaped
   * and nothing is made a link by itself (`verbatim`). The template's own marks are the organization's.
   */
  slack: (told, wording) => {
    const text = textOf(told, wording, (value) =>
      value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
    );
    return {
      text,
      blocks: [
        { type: 'section', text: { type: 'mrkdwn', text, verbatim: true } },
        {
          type: 'actions',
          elements: [
            {
              type: 'button',
              text: { type: 'plain_text', text: wordsFor(wording.language).open },
              url: told.link,
            },
          ],
        },
      ],
    };
  },
  /** Teams: an adaptive card. Rich text is shown as it is: no mark in a name becomes a link. */
  teams: (told, wording) => ({
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: textOf(told, wording, (value) => value)
            .split('\n')
            .map((line) => ({ type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: line || ' ' }] })),
          actions: [{ type: 'Action.OpenUrl', title: wordsFor(wording.language).open, url: told.link }],
        },
      },
    ],
  }),
};

/** Slack takes 3,000 characters in a section; nothing of ours comes near, a template full of names might. */
const longest = 2900;

function textOf(told: Told, { language, templates }: Wording, safe: (value: string) => string): string {
  const words = wordsFor(language);
  const template = templates[told.type] ?? words.types[told.type];
  return filled(template, valuesOf(told, language), (value) => safe(oneLine(value))).slice(0, longest);
}

function valuesOf(told: Told, language: Language): Record<Placeholder, string> {
  const { unknown } = wordsFor(language);
  return {
    person: told.person?.name ?? unknown.person,
    organization: told.organization.name,
    access: thingOf(told, language),
    by: told.by ?? unknown.person,
    until: told.until ? untilIn(language, told.until, told.organization.timeZone) : unknown.until,
    link: told.link,
  };
}

/** What it is about: the access, or what a request wants of it, or of a place. Nothing that somebody wrote. */
function thingOf({ access, request, organization }: Told, language: Language): string {
  const { unknown, asked } = wordsFor(language);
  const name = access
    ? access.applicationName
      ? `${access.applicationName}: ${access.name}`
      : access.name
    : unknown.access;
  if (!request || request.kind === 'access') return name;
  const values = { access: name, organization: organization.name };
  return asked[request.kind].replaceAll(
    /\{\{(access|organization)\}\}/g,
    (_, one: keyof typeof values) => values[one],
  );
}

/** Names are one line by rule; a row that came otherwise is no reason to trust it. */
const oneLine = (value: string): string =>
  value.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, ' ');
