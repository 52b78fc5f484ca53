import type { Resource } from './json.ts';
import type { ResourceType } from './schema.ts';
import { parseSelection, select } from './select.ts';

type Asked = {
  attributes?: string | readonly string[] | undefined;
  excludedAttributes?: string | readonly string[] | undefined;
};

/**
 * Of a resource, what was asked back (RFC 7644, section 3.9). Its address and version go into headers in any case: where
 * `meta` was not asked for, it stands aside as `unaskedMeta`, which never leaves.
 */
export function selected(
  resource: Resource,
  { attributes, excludedAttributes }: Asked,
  type: ResourceType,
): Resource {
  const asked = {
    ...(attributes === undefined ? {} : { attributes }),
    ...(excludedAttributes === undefined ? {} : { excludedAttributes }),
  };
  const { meta } = resource;
  const shown = select(resource, parseSelection(asked, type), type);
  return meta === undefined || shown.meta !== undefined ? shown : { ...shown, unaskedMeta: meta };
}
