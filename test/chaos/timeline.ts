/** What happened, in the order it did, each with the application it concerned, if one. */
export interface Timeline {
  note(text: string, application?: string): void;
  /** Lines about an application and about everybody. */
  about(application: string): readonly string[];
}

/** Begins a timeline that also tells each line to `tell`. */
export function startTimeline(tell: (line: string) => void): Timeline {
  const lines: { readonly text: string; readonly application?: string }[] = [];
  return {
    note(text, application) {
      const line = `${new Date().toISOString().slice(11, 23)} ${application === undefined ? '' : `${application}: `}${text}`;
      lines.push({ text: line, ...(application === undefined ? {} : { application }) });
      tell(line);
    },
    about: (application) =>
      lines.filter((line) => (line.application ?? application) === application).map(({ text }) => text),
  };
}
