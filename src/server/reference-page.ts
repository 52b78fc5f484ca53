import { kindOf, refusalCodes, textOf } from '../platform/refusals.ts';
import { html, type Markup, page } from './html.ts';
import { kindMeans } from './openapi.ts';
import { statusOf } from './problem.ts';

type Schema = Record<string, unknown>;
type Entry = {
  operationId: string;
  summary: string;
  description: string;
  tags: string[];
  parameters: {
    $ref?: string;
    name: string;
    in: string;
    required: boolean;
    description?: string;
    schema: Schema;
  }[];
  requestBody?: {
    content: Record<string, { schema: { properties: Record<string, Schema>; required: string[] } }>;
  };
  responses: Record<string, { $ref?: string; content?: Record<string, { schema: Schema }> }>;
};

/** The API reference: one page without script, so that it reads under the strict policy and without a network. */
export function referencePage(document: Record<string, unknown>, nonce: string): string {
  const paths = document.paths as Record<string, Record<string, Entry>>;
  const entries = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, entry]) => ({ path, method: method.toUpperCase(), entry })),
  );
  const tags = [...new Set(entries.map(({ entry }) => entry.tags[0]!))].sort();
  const { description, version } = document.info as { description: string; version: string };
  return page(
    'API',
    nonce,
    html`<h1>The API of Remit ${version}</h1><p>${code(description)}</p>
<p>The same as a machine reads it: <a href="/openapi.json">openapi.json</a>. Base address: <code>${(document.servers as { url: string }[])[0]!.url}</code></p>
<nav aria-label="Groups"><ul>${tags.map((tag) => html`<li><a href="#group-${tag}">${tag}</a></li>`)}<li><a href="#errors">errors</a></li></ul></nav>
${tags.map(
  (tag) =>
    html`<section id="group-${tag}"><h2>${tag}</h2>${entries.filter(({ entry }) => entry.tags[0] === tag).map(({ path, method, entry }) => one(path, method, entry))}</section>`,
)}
<section id="errors"><h2>Errors</h2><p>Every error is <code>application/problem+json</code> (RFC 9457). Program against <code>code</code>.</p>
<div class="wide" tabindex="0" role="region" aria-label="Errors"><table><thead><tr><th scope="col">code</th><th scope="col">status</th><th scope="col">what it says</th></tr></thead><tbody>
${refusalCodes.map((name) => html`<tr id="${name}"><td><code>${name}</code></td><td>${statusOf[kindOf(name)]}</td><td>${textOf(name)}</td></tr>`)}
</tbody></table></div>
<h3>Statuses</h3><dl>${Object.entries(kindMeans).map(([kind, means]) => html`<dt>${statusOf[kind as keyof typeof statusOf]}</dt><dd>${code(means)}</dd>`)}</dl></section>`,
  );
}

function one(path: string, method: string, entry: Entry): Markup {
  const body = entry.requestBody?.content['application/json']?.schema;
  const fields = [
    ...entry.parameters
      .filter((parameter) => !parameter.$ref)
      .map(({ name, in: place, required, description, schema }) => ({
        name,
        place,
        required,
        schema: { description, ...schema },
      })),
    ...Object.entries(body?.properties ?? {}).map(([name, schema]) => ({
      name,
      place: 'body',
      required: body!.required.includes(name),
      schema,
    })),
  ];
  // SCIM answers with 201 or 204 as well (RFC 7644, section 3.1).
  const done = Object.keys(entry.responses).find((status) => status.startsWith('2'))!;
  const [type, answer] = Object.entries(entry.responses[done]!.content ?? { nothing: { schema: {} } })[0]!;
  return html`<details id="${entry.operationId}"><summary><code>${method} ${path}</code> ${entry.summary}</summary>
<p>${code(entry.description)} Name: <code>${entry.operationId}</code></p>
${
  fields.length > 0 &&
  html`<div class="wide" tabindex="0" role="region" aria-label="Fields of ${entry.operationId}"><table><thead><tr><th scope="col">field</th><th scope="col">in</th><th scope="col">type</th><th scope="col">meaning</th></tr></thead><tbody>
${fields.map(({ name, place, required, schema }) => html`<tr><td><code>${name}</code>${required ? '' : ' (optional)'}</td><td>${place}</td><td>${typeOf(schema)}</td><td>${schema.description}</td></tr>`)}</tbody></table></div>`
}
<p>Answers with <code>${type}</code>; refusals: ${Object.keys(entry.responses)
    .filter((status) => status !== done)
    .join(
      ', ',
    )}.</p><pre tabindex="0" aria-label="Answer of ${entry.operationId}">${JSON.stringify(answer.schema, undefined, 1)}</pre></details>`;
}

function typeOf(schema: Schema): string {
  if (Array.isArray(schema.enum)) return schema.enum.map(String).join(' | ');
  if (Array.isArray(schema.anyOf)) return schema.anyOf.map(typeOf).join(' or ');
  if (typeof schema.$ref === 'string') return schema.$ref.split('/').at(-1)!;
  if (schema.type === 'array') return `list of ${typeOf((schema.items ?? {}) as Schema)}`;
  return [schema.type, schema.format].filter(Boolean).join(' ') || 'any';
}

/** `words` in back quotes become code; the rest is escaped. */
const code = (text: string): Markup[] =>
  text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
