import { defineCommand } from '../../command/define-command.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { storeKinds } from '../../core/store.ts'
import { inspectStores, startStores } from '../../stores/sandbox/sandbox-stores.ts'
import { startSandbox } from '../start.ts'
import { sandboxResult } from './sandbox-status.ts'

/** Starts the local server and the requested stores, or finds them running; their data stays. */
export const command = defineCommand({
  name: 'sandbox up',
  group: 'Databases and projects',
  summary: 'start a local MySQL',
  purpose:
    'Starts a MySQL server for development and tests, in this order of preference: a server given by URL, Docker, ' +
    'mysqld 8 or later on PATH, a portable one that is downloaded once. It listens only on this machine and keeps ' +
    'its data between starts.',
  examples: [
    { command: 'wwdb sandbox up', purpose: 'start it, or find it running' },
    { command: 'wwdb sandbox up --with redis,mongodb', purpose: 'with two of the stores beside MySQL' },
    { command: 'eval "$(wwdb sandbox env)"', purpose: 'then use it from this shell' },
  ],
  flags: {
    Server: {
      port: {
        value: 'PORT',
        type: 'integer',
        description: 'port of the server',
        min: 1,
        max: 65535,
        otherwise: 'sandbox.port of the configuration, or 13306, or the next free port',
      },
      provider: {
        value: 'WAY',
        description: 'use only this provider',
        choices: ['docker', 'installed', 'portable'],
      },
    },
    Stores: {
      with: {
        value: 'STORE',
        description:
          'also this store: a program on PATH, a portable one (Redis, MongoDB) or Docker (InfluxDB, Elasticsearch); ' +
          'may be repeated',
        choices: storeKinds,
        repeatable: true,
      },
    },
  },
  exitCodes: exitCodesOf.servers,
  interruption: 'after-statement',
  writes: true,
  connects: false,
  async run(options, context) {
    const { port, provider } = options
    const { sandbox } = await context.config()
    const url = sandbox.url?.reveal() ?? null
    const state = await startSandbox(
      {
        directory: sandbox.directory,
        port: port ?? sandbox.port,
        portIsGiven: port !== undefined || sandbox.portIsGiven,
        url,
        provider: provider ?? null,
        interrupted: () => context.stop.requested,
      },
      context.emit,
    )
    await startStores(options.with ?? [], {
      directory: sandbox.directory,
      port: state.provider === 'url' ? (port ?? sandbox.port) : state.port,
      interrupted: () => context.stop.requested,
      emit: context.emit,
    })
    const stores = await inspectStores(sandbox.directory)
    const result = sandboxResult({ state: 'running', sandbox: state }, sandbox.directory, stores)
    return { result, exitCode: exitCodes.done }
  },
})
