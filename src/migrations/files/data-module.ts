import type { Script } from '../../core/migration.ts'
import type { DataFunction } from '../user-code.ts'
import type { DataModule, FunctionName } from './user-code/messages.ts'

/** One direction of a data migration. */
export function moduleScript(module: DataModule, direction: 'up' | 'down'): Script {
  return { type: 'module', path: module.path, run: moduleFunction(module, direction) }
}

/** The file is imported when the function is called, never before, and in a process of its own: it could do anything there. */
export function moduleFunction(module: DataModule, name: FunctionName): DataFunction {
  return async (connection) => {
    const { runUserCode } = await import('./user-code/run-user-code.ts')
    return runUserCode(module, name, connection)
  }
}
