import type { Result } from '../command/result.ts'
import { listHooks } from '../config/config.ts'
import type { ExitCode } from '../core/exit-code.ts'
import type { EngineHooks, HooksRequest, RunHooks } from './run-hooks.ts'

/** The hooks of one invocation. Nothing is loaded where the configuration has no hooks. */
export interface Hooking {
  /** Must be called before the run's first change. Throws where a hook forbids it. */
  readonly begin: () => Promise<void>
  readonly engine: () => Promise<EngineHooks>
  /** Reports how a permitted run ended. Never throws. */
  readonly end: (ended: { readonly result: Result } | { readonly error: unknown }, exitCode: ExitCode) => Promise<void>
}

export function openHooks(request: HooksRequest): Hooking {
  let opened: Promise<RunHooks | null> | null = null
  const open = async (): Promise<RunHooks | null> => {
    const { hooks } = await request.config()
    return listHooks(hooks).length === 0 ? null : new (await import('./run-hooks.ts')).RunHooks(request)
  }
  const present = (): Promise<RunHooks | null> => {
    opened ??= open()
    return opened
  }
  return {
    begin: async () => (await present())?.beforeRun(),
    engine: async () => (await present())?.engineHooks() ?? { migration: null, rotation: null },
    end: async (ended, exitCode) => {
      const hooks = await opened?.catch(() => null)
      await hooks?.afterRun(ended, exitCode)
    },
  }
}
