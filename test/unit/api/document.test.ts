import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { openApiDocument } from '../../../api/openapi.ts';
import { routesOf } from '../../../api/routes.ts';
import { documentText, OPENAPI_PATH } from '../../openapi/document.ts';
import type { ApiLab } from './lab.ts';
import { openApiLab } from './lab.ts';

const document = openApiDocument(routesOf('0.0.0'), '0.0.0') as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
};
interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >;
}

describe('the OpenAPI document', () => {
  test('is valid OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
  });

  test('is checked by that validator indeed: an operation without responses is an error', async () => {
    const broken = { ...structuredClone(document), paths: { '/x': { get: { responses: 'none' } } } };
    expect((await new Validator().validate(broken)).valid).toBe(false);
  });

  test('is the committed one (npm run docs:openapi)', async () => {
    expect(readFileSync(OPENAPI_PATH, 'utf8')).toBe(await documentText());
  });

  test('has an ID for each operation, and schemas for all that they refer to', () => {
    const ids = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map((each) => each.operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
    const referred = [...JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name]) => name);
    expect(Object.keys(document.components.schemas)).toEqual(expect.arrayContaining(referred));
  });
});

function isJson(operation: Operation | undefined): operation is Operation {
  return operation?.responses['200']?.content?.['application/json'] !== undefined;
}

describe('an answer is as the document says', () => {
  let lab: ApiLab;
  beforeAll(async () => {
    lab = await openApiLab();
  });
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: 'api', components: document.components });
  const names = { cluster: 'prod', application: 'shop', run: 'latest', hook: 'db-migrate' };
  const gets = Object.entries(document.paths).flatMap(([path, methods]) =>
    isJson(methods['get']) ? [[path, methods['get']] as const] : [],
  );

  test.each(gets)('of GET %s', async (path, { responses }) => {
    const url = path.replaceAll(/\{(\w+)\}/g, (_, name: keyof typeof names) => names[name]);
    const answer = await lab.send({ url });
    expect(answer.statusCode).toBe(200);
    const schema = responses['200']?.content?.['application/json']?.schema ?? {};
    const validate = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"api#/')) as object);
    validate(answer.json());
    expect(validate.errors).toBeNull();
  });
});

test('the document that is served is that of all routes', async () => {
  const lab = await openApiLab();
  expect((await lab.send({ url: '/v1/openapi.json' })).json()).toEqual(JSON.parse(JSON.stringify(document)));
});
