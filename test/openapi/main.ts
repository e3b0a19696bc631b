import { writeFile } from 'node:fs/promises';
import { documentText, OPENAPI_PATH } from './document.ts';

await writeFile(OPENAPI_PATH, await documentText());
