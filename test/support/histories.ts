import proto from '@temporalio/proto';

const { History } = proto.temporal.api.history.v1;

/** A workflow's history. */
export type History = Parameters<typeof History.encode>[0];

/** A history as JSON: numbers of 64 bits and enums as text, bytes in base64. Names neither the machine nor its folders. */
export function historyToText(history: History): string {
  const plain = History.toObject(History.fromObject(history), { longs: String, enums: String, bytes: String });
  const text = JSON.stringify(plain, null, 1).replaceAll(`${process.cwd()}/`, '');
  return `${text.replaceAll(/"identity": "\d+@[^"]*"/g, '"identity": "worker"')}\n`;
}

/** The history of such a text. */
export function historyFromText(text: string): History {
  return History.fromObject(JSON.parse(text) as object);
}
