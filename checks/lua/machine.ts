import { LuaFactory, LuaGlobal, LuaLibraries } from 'wasmoon';
import type { KubernetesObject } from '../../core/objects.ts';
import { toLua54 } from './dialect.ts';
import { ANSWER, PRELUDE } from './prelude.ts';
import type { CheckAnswer } from './protocol.ts';
import { luaLiteral } from './values.ts';

/** The most memory one evaluation may use, bytes. */
const MOST_MEMORY = 32 * 1024 * 1024;

const LIBRARIES = [
  LuaLibraries.Base,
  LuaLibraries.Table,
  LuaLibraries.String,
  LuaLibraries.Math,
  LuaLibraries.Coroutine,
  LuaLibraries.OS,
];

/** `LUA_MASKLINE` of lua.h: the hook is called for each line that is entered. */
const ON_LINES = 4;

/** Where `lua_Debug` holds the current line, bytes (lua.h of 5.4, pointers of 4 bytes). */
const CURRENT_LINE = 24;

/** The prelude is line 1, and the script begins after it. */
const LINES_BEFORE = 1;

/** Runs scripts in a Lua of their own each. */
export interface LuaMachine {
  /** Evaluates a script for an object; without an object it is only compiled. */
  evaluate(code: string, object: KubernetesObject | undefined): CheckAnswer;
}

/** Opens a machine that notes in `line[0]` which line of a script is being run, for whoever must end it from outside. */
export async function openMachine(line: Int32Array): Promise<LuaMachine> {
  const lua = await new LuaFactory().getLuaModule();
  const noteLine = lua.module.addFunction((_state: number, activation: number) => {
    const entered = lua.module.HEAP32[(activation + CURRENT_LINE) >> 2] ?? 0;
    if (entered > LINES_BEFORE) line[0] = entered - LINES_BEFORE;
  }, 'vii');
  return {
    evaluate(code, object) {
      line[0] = 0;
      const state = new LuaGlobal(lua, true);
      try {
        return evaluate(state, noteLine, code, object);
      } catch (error) {
        return failed(error, line);
      } finally {
        state.close();
      }
    },
  };
}

function evaluate(state: LuaGlobal, noteLine: number, code: string, object: KubernetesObject | undefined): CheckAnswer {
  for (const library of LIBRARIES) state.loadLibrary(library);
  run(state, PRELUDE, '=prelude');
  state.setMemoryMax(MOST_MEMORY);
  if (object !== undefined) run(state, `obj=${luaLiteral(object)}`, '=object');
  state.lua.lua_sethook(state.address, noteLine, ON_LINES, 0);
  state.lua.lua_getglobal(state.address, ANSWER);
  state.loadString(`${'\n'.repeat(LINES_BEFORE)}${toLua54(code)}`, '=check');
  return object === undefined ? { kind: 'blank' } : answerOf([...state.runSync(1)]);
}

function run(state: LuaGlobal, code: string, name: string): void {
  state.loadString(code, name);
  state.runSync();
}

function answerOf([kind, status, message]: readonly unknown[]): CheckAnswer {
  // A status or a message that is no text makes Argo CD answer as if the script had said nothing.
  if (kind !== 'health' || typeof status !== 'string' || typeof message !== 'string') return { kind: 'blank' };
  return { kind: 'health', status, message };
}

/** What went wrong in Lua's words, with the script's own line. What is no error of Lua's has broken the machine. */
function failed(error: unknown, line: Int32Array): CheckAnswer {
  if (!(error instanceof Error) || error.constructor !== Error) throw error;
  const [said = ''] = error.message.split('\nstack traceback:');
  if (said === 'not enough memory') {
    return {
      kind: 'error',
      message: `needs more than ${String(MOST_MEMORY / 1024 / 1024)} MiB of memory`,
      line: seen(line),
    };
  }
  const placed = /^(check|prelude|object):(\d+): ([^]*)$/.exec(said);
  if (placed === null) return { kind: 'error', message: said, line: seen(line) };
  const [, chunk, at, message = ''] = placed;
  return { kind: 'error', message, line: chunk === 'check' ? Number(at) - LINES_BEFORE : seen(line) };
}

function seen(line: Int32Array): number {
  return line[0] ?? 0;
}
