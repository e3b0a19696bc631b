/**
 * How a file that a program rendered is named in messages: the lines that go with it are those of what came out, not those
 * of the file.
 */
export function renderedName(file: string): string {
  return `${file} (rendered)`;
}
