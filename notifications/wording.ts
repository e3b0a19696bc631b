import { Liquid } from 'liquidjs';
import { workflowIdOf } from '../core/markers.ts';
import type { Notification, NotificationKind } from '../core/notifications/notification.ts';
import { NOTIFICATION_KINDS, helpfulCommands } from '../core/notifications/notification.ts';
import { titleOfNotification } from '../core/notifications/title.ts';

/** A notification, and the last lines of the log of the hook that failed, redacted as what is kept of it is. */
export interface Told {
  readonly notification: Notification;
  readonly log: readonly string[];
}

/** Templates in the place of the usual words. */
export interface Templates {
  readonly title?: string;
  readonly text?: string;
  readonly link?: string;
}

/** A notification in words. */
export interface Wording {
  readonly title: string;
  /** Some lines, without the title. */
  readonly text: string;
  readonly link?: string;
}

/** How a channel writes: how values are escaped, and what marks a log and a command. */
export interface Style {
  readonly escape: (text: string) => string;
  readonly log: readonly [begin: string, end: string];
  readonly command: readonly [begin: string, end: string];
}

/** Text as it stands. */
export const PLAIN: Style = { escape: (text) => text, log: ['', ''], command: ['', ''] };

/** Limits of one template: what is longer, or takes longer (ms), is a mistake. */
const LIMITS = { parseLimit: 20_000, renderLimit: 500, memoryLimit: 1_000_000 };

/** A line of a log that is longer is cut. */
const LINE_LENGTH = 500;

const TEXT = `{% if gate %}{{ gate.phase }} wave {{ gate.wave }}: {{ gate.reasons | join: "; " }}
{% endif %}{% for failure in failures %}{{ failure.message }}{% if failure.remedy %} — {{ failure.remedy }}{% endif %}
{% endfor %}{% if log.size > 0 %}{{ style.log[0] | raw }}{{ log | join: newline }}{{ style.log[1] | raw }}
{% endif %}{% if supersededBy %}revision {{ supersededBy.revision }} of {{ supersededBy.by }} goes on
{% endif %}asked for by {{ requestedBy }}
{% for each in commands %}{{ each.purpose }}: {{ style.command[0] | raw }}{{ each.command }}{{ style.command[1] | raw }}
{% endfor %}`;

/** Puts a notification into words. Throws the library's error for a template that can't be rendered. */
export function wordingOf(told: Told, templates: Templates, style: Style): Wording {
  const values = { ...valuesOf(told), style, newline: '\n' };
  const link = templates.link === undefined ? undefined : render(templates.link, values, PLAIN).trim();
  const linked = { ...values, link: link ?? null };
  return {
    title: render(templates.title ?? '{{ title }}', linked, style).trim(),
    text: render(templates.text ?? TEXT, linked, style).trim(),
    ...(link === undefined ? {} : { link }),
  };
}

/** What is wrong with a template, tried on a notification of every kind; undefined where nothing is. */
export function templateProblem(template: string): string | undefined {
  try {
    for (const kind of NOTIFICATION_KINDS)
      wordingOf({ notification: sampleOf(kind), log: ['a line'] }, { text: template }, PLAIN);
    return undefined;
  } catch (error) {
    return `is no template that can be rendered: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** A notification of an application that there is not, to try targets and templates with. */
export function sampleOf(kind: NotificationKind, at = 0): Notification {
  const failed = kind === 'failed' || kind === 'held';
  const message = 'this is a trial: no sync has failed';
  return {
    version: 1,
    id: `trial/${String(at)}/${kind}`,
    ...{ kind, at, application: 'trial', cluster: 'default', namespace: 'trial', syncId: 'trial', number: 1 },
    ...{ revision: 'abc1234', requestedBy: 'syncline notifications test', operation: 'sync', startedAt: at },
    failures: failed ? [{ type: 'HookFailed', message }] : [],
    failedHooks: failed ? [{ ref: { apiVersion: 'batch/v1', kind: 'Job', namespace: 'trial', name: 'migrate' } }] : [],
    ...(kind === 'held' || kind === 'approval' ? { waitsMs: 86_400_000 } : {}),
    ...(kind === 'approval' ? { gate: { phase: 'PreSync', wave: 0, reasons: [message] } } : {}),
    ...(kind === 'superseded'
      ? { supersededBy: { syncId: 'newer', revision: 'def5678', by: 'ann', at, withinMs: 0 } }
      : {}),
  };
}

/** What templates may use: every name is there for every kind, so that a misspelled one is a mistake. */
function valuesOf({ notification, log }: Told): Readonly<Record<string, unknown>> {
  const { number = null, waitsMs = null, gate = null, supersededBy = null, ...rest } = notification;
  return {
    ...rest,
    ...{ number, waitsMs, gate, supersededBy },
    title: titleOfNotification(notification),
    tookSeconds: Math.round((notification.at - notification.startedAt) / 1000),
    commands: helpfulCommands(notification),
    log: log.map((line) => (line.length <= LINE_LENGTH ? line : `${line.slice(0, LINE_LENGTH)}…`)),
    workflowId: workflowIdOf(notification.cluster, notification.application),
    link: null,
  };
}

function render(template: string, values: object, { escape }: Style): string {
  const engine = new Liquid({
    ...LIMITS,
    strictVariables: true,
    strictFilters: true,
    lenientIf: true,
    ownPropertyOnly: true,
    // A template reaches no file.
    templates: {},
    relativeReference: false,
    outputEscape: (value: unknown) => escape(textOf(value)),
  });
  return String(engine.parseAndRenderSync(template, values));
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === null || value === undefined ? '' : JSON.stringify(value);
}
