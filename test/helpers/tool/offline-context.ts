import type { Context } from '../../../src/command/context.ts'
import { loadConfig, loadConfigWithReport } from '../../../src/config/load.ts'
import type { ConfigRequest } from '../../../src/config/request.ts'

/** A context for commands that need no server, in a project's folder; all else that they ask for is an error. */
export function offlineContext(cwd: string, targets: readonly string[] = []): Context {
  const request: ConfigRequest = {
    cwd,
    file: null,
    environmentName: null,
    flags: {},
    environment: {},
    serversNeeded: false,
  }
  return {
    targets,
    config: () => loadConfig(request),
    configReport: async () => (await loadConfigWithReport(request)).report(),
    emit: () => {},
    stop: { requested: false, killRequested: false, onStop: () => () => {}, onKill: () => () => {} },
    confirm: () => Promise.reject(new Error('this command asks nothing')),
    now: () => Date.now(),
    port: () => Promise.reject(new Error('this command needs no server')),
    process: {
      cwd,
      runProgram: () => Promise.reject(new Error('this command runs no program')),
      ask: async () => null,
      askTool: () => Promise.reject(new Error('this command asks no other')),
      protocol: () => {
        throw new Error('this command speaks no protocol')
      },
      toolVersion: '0.0.0',
      nodeVersion: '20.19.0',
      program: ['/usr/bin/node', '/usr/lib/node_modules/wwdb/bin/wwdb.js'],
      variables: {},
      person: 'test@host',
      readSecret: () => Promise.reject(new Error('this command reads no secret')),
      publishMetrics: () => Promise.reject(new Error('this command has no metrics')),
    },
  }
}
