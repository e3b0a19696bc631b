import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { routesOf } from '../../api/routes.ts';
import { openApiDocument } from '../../api/openapi.ts';
import { version } from '../../cli/version.ts';

/** Where the committed copy stands. */
export const OPENAPI_PATH = fileURLToPath(new URL('../../docs/openapi.json', import.meta.url));

/** The OpenAPI document as it is committed. */
export function documentText(): Promise<string> {
  const document = openApiDocument(routesOf(version()), version());
  return format(JSON.stringify(document), { parser: 'json', printWidth: 120 });
}
