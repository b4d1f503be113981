import type { Context } from '../../command/context.ts'
import { defineCommand, defineFlags, type Options } from '../../command/define-command.ts'
import { dryRun, family as familyFlag } from '../../command/shared-flags.ts'
import type { DatabaseConfig } from '../../config/config.ts'
import type { VitessConfig } from '../../config/vitess-config.ts'
import { readDurationFlag } from '../../core/duration.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { ToolError } from '../../core/tool-error.ts'
import { compareSides, countHomeless } from '../move/compare-sides.ts'
import { moveFamily } from '../move/move-family.ts'
import { type MoveRequest, placeOfMove } from '../move/move-request.ts'
import { type MovePlan, planMove } from '../move/plan-move.ts'
import { moveServers } from '../move/ports.ts'
import { prepareCopy, preparePrinted } from '../move/prepare-copy.ts'
import { printCommands, printEnd } from '../move/print-commands.ts'
import { readMoveFacts } from '../move/read-facts.ts'
import { switchWrites } from '../move/switch-writes.ts'
import { undoMove } from '../move/undo-move.ts'
import { askingVtctld, findVtctldclient } from '../move/vtctldclient.ts'
import { changeReachable, readDatabases, readShardProject } from '../project.ts'
import { splitServers } from '../split/ports.ts'
import { type MoveResult, toMoveResult } from './move-view.ts'

const flags = defineFlags({
  'To where': {
    family: familyFlag,
    to: {
      value: 'SOURCE',
      description: 'env:NAME, the environment in which the database of the same name is the keyspace',
    },
    tableName: { value: 'TABLE', description: 'the table of the keyspace', otherwise: 'the name of the family' },
    column: { value: 'COLUMN', description: 'the column of that table that has the key of the shard' },
  },
  'Tools of Vitess': {
    source: { value: 'KEYSPACE', description: 'the keyspace whose tablet reads the MySQL server of the shards' },
    vtctld: {
      value: 'ADDRESS',
      description: 'host and port of vtctld, which vtctldclient asks; `none` where it is not to be asked',
      otherwise: '`vitess.vtctld` of the keyspace; without it, commands for vtctldclient are printed',
    },
    vtctldclient: {
      value: 'FILE',
      type: 'file',
      description: 'the program vtctldclient',
      otherwise: '`vitess.vtctldclient` of the keyspace, or the one on PATH',
    },
    tabletTypes: {
      value: 'TYPES',
      description: 'kinds of tablets of that keyspace from which rows are read, with commas',
      default: 'replica,primary',
    },
  },
  'After the copy': {
    check: {
      description: 'compare both sides shard by shard, and write nothing',
      conflicts: ['switch', 'undo', 'dryRun'],
    },
    switch: {
      description: 'refuse writes to the shards, wait until both sides are equal, and end the copy',
      conflicts: ['undo', 'dryRun'],
    },
    wait: {
      value: 'DURATION',
      type: 'duration',
      description: 'how long `--switch` waits until both sides are equal',
      default: '60s',
    },
    undo: {
      description: 'before a switch, give the copy up; after it, carry the rows of the keyspace back to the shards',
      conflicts: ['dryRun'],
    },
  },
  Safety: { dryRun },
})

type Input = Options<typeof flags>

/** `wwdb shards move --family FAMILY --to env:NAME`: the tables of a family by key become one table of a sharded keyspace. */
export const command = defineCommand({
  name: 'shards move',
  group: 'Sharded tables',
  summary: 'move the shards of a family by key into one table of a sharded keyspace',
  purpose:
    'Copies all shards of a family by key into one table of a keyspace of Vitess, whose vindex takes the place of the family, while they are written to: a workflow of Vitess (`Materialize`) for each shard, created and watched with vtctldclient, and compared by `VDiff`. ' +
    'Without the address of vtctld, or without vtctldclient, the commands are printed in their order. `--switch` refuses the writes of the shards, waits until counts and checksums of both sides are equal, and ends the workflows. ' +
    '`--undo` takes that back: rows that were written to the keyspace since are carried to the shards and compared before these take writes again. Asks before it starts; a run that was killed continues where it was.',
  examples: [
    {
      command: 'wwdb shards move --family contacts --to env:vitess --column instance_id --dry-run',
      purpose: 'see what speaks against it, and what the application has to do',
    },
    {
      command:
        'wwdb shards move --family contacts --to env:vitess --column instance_id --source contact_mysql --vtctld vtctld:15999',
      purpose: 'copy the shards, and keep them copied',
    },
    {
      command:
        'wwdb shards move --family contacts --to env:vitess --column instance_id --source contact_mysql --vtctld vtctld:15999 --switch',
      purpose: 'let the application write to the keyspace',
    },
    {
      command: 'wwdb shards move --family contacts --to env:vitess --column instance_id --check',
      purpose: 'compare both sides',
    },
  ],
  flags,
  exitCodes: [...exitCodesOf.locks, exitCodes.findings],
  interruption: 'after-statement',
  writes: true,
  connects: true,
  async run(options, context) {
    const { name, to, column } = required(options)
    const project = await readShardProject(context, [name])
    const [family] = project.chosen
    if (family === undefined) throw new Error('a family that was asked for is chosen')
    const other = await context.config(to)
    const database = other.databases.find(({ name }) => name === family.database)
    if (database?.vitess === undefined) throw notKeyspace(family.database, to)
    const client = clientOf(options, database, database.vitess)
    // A comparison asks both servers, and not Vitess.
    const vtctld = options.check === true ? null : await vtctldOf(client, other.timeouts.connect, context)
    const servers = await context.port(moveServers)
    const serverOf = await context.port(splitServers)
    const work = async (store: Parameters<typeof servers.sourceOf>[0]): Promise<MoveResult> => {
      const keyspace = await servers.openKeyspace(database, other.timeouts)
      try {
        return await act(options, vtctld !== null, {
          store,
          keyspace,
          family,
          column,
          server: serverOf(store),
          source: servers.sourceOf(store),
          destination: targetOf(database),
          table: options.tableName ?? family.name,
          sourceKeyspace: options.source ?? null,
          tabletTypes: options.tabletTypes,
          vtctld,
          shell: {
            program: client.program?.path ?? 'vtctldclient',
            address: client.address?.text ?? database.vitess?.vtctld ?? null,
          },
          stop: context.stop,
          emit: context.emit,
          patience: readDurationFlag('--wait', options.wait) ?? Number.POSITIVE_INFINITY,
          confirm: (what) => context.confirm({ what, level: 'moderate', name: 'move' }),
        })
      } finally {
        await keyspace.close()
      }
    }
    const isReading = options.dryRun === true || options.check === true || isPrinting(options, vtctld !== null)
    if (!isReading) context.emit({ type: 'run-started', command: 'shards move', targets: [] })
    const [result] = isReading
      ? await readDatabases(project, work)
      : (await changeReachable(project, context, work)).seen
    if (result === undefined) throw new Error('the family has a database')
    const differs = options.check === true && result.shards.some(({ equal }) => equal === false)
    return { result, exitCode: differs ? exitCodes.findings : exitCodes.done }
  },
})

/** Without vtctldclient, the copy is in the hands of a person. */
const isPrinting = ({ switch: isSwitch, undo }: Input, hasClient: boolean): boolean =>
  !hasClient && isSwitch !== true && undo !== true

async function act(options: Input, hasClient: boolean, request: MoveRequest): Promise<MoveResult> {
  const shown = { request, dryRun: options.dryRun === true }
  const endOf = (plan: Pick<MovePlan, 'shards'>) =>
    hasClient ? [] : printEnd(placeOfMove(request, { columns: [] }), plan, request.shell)
  if (options.undo === true) {
    const undone = await undoMove(request)
    return toMoveResult({ ...shown, state: 'undone', ...undone, commands: endOf(undone.plan) })
  }
  if (options.switch === true) {
    const ended = await switchWrites(request)
    return toMoveResult({ ...shown, state: 'switched', ...ended, commands: endOf(ended.plan) })
  }
  if (options.dryRun !== true && options.check !== true && request.vtctld !== null) {
    const { plan, compared } = await moveFamily(requireSource(request), request.vtctld)
    return toMoveResult({ ...shown, state: 'copied', plan, compared })
  }
  if (options.check === true) {
    const plan = planMove(await readMoveFacts(request))
    const shards = await compareSides(request, plan)
    return toMoveResult({ ...shown, state: 'compared', plan, shards, homeless: await countHomeless(request, shards) })
  }
  if (request.vtctld !== null) {
    const { plan } = await prepareCopy(request, request.vtctld)
    return toMoveResult({ ...shown, state: 'planned', plan })
  }
  const plan = await preparePrinted(request)
  const commands = printCommands(placeOfMove(request, plan), plan, request.shell)
  return toMoveResult({ ...shown, state: 'planned', plan, commands })
}

/** What has no default. Throws ToolError `USAGE`. */
function required({ family: name, to, column }: Input): {
  readonly name: string
  readonly to: string
  readonly column: string
} {
  if (name === undefined) throw usage('No family is given.', 'Name it: `--family FAMILY`.')
  if (to === undefined)
    throw usage('No environment is named whose database is the keyspace.', 'Name it: `--to env:NAME`.')
  const [, environment] = /^env:(.+)$/.exec(to) ?? []
  if (environment === undefined) throw usage(`\`--to ${to}\` does not name an environment.`, 'Write `--to env:NAME`.')
  if (column === undefined)
    throw usage('No column is named that has the key of the shard.', 'Name it: `--column COLUMN`.')
  return { name, to: environment, column }
}

const usage = (what: string, next: string): ToolError => new ToolError('USAGE', { what, next })

function requireSource(request: MoveRequest): MoveRequest {
  if (request.sourceKeyspace !== null) return request
  throw new ToolError('USAGE', {
    what: 'No keyspace over the server of the shards is named.',
    next: 'Name it with `--source KEYSPACE`: Vitess reads the shards through its tablet (an unmanaged one).',
  })
}

/** Where vtctld and its client are. */
interface GivenClient {
  /** Null where it is not named, or `--vtctld none` was given. */
  readonly address: { readonly text: string; readonly from: string } | null
  /** Null where it is looked for on PATH. */
  readonly program: { readonly path: string; readonly from: string } | null
}

/** In place of an address: one of the configuration is not asked, as where it is down while shards are to be opened. */
const noVtctld = 'none'

/** Flags win over the configuration of the keyspace. */
function clientOf(
  { vtctld, vtctldclient }: Input,
  { name }: Pick<DatabaseConfig, 'name'>,
  configured: VitessConfig,
): GivenClient {
  const fromOf = (flag: string | undefined, key: string): string =>
    flag === undefined ? `\`databases.${name}.vitess.${key}\`` : `\`--${key}\``
  const text = vtctld ?? configured.vtctld
  const path = vtctldclient ?? configured.vtctldclient
  return {
    address: text === undefined || vtctld === noVtctld ? null : { text, from: fromOf(vtctld, 'vtctld') },
    program: path === undefined ? null : { path, from: fromOf(vtctldclient, 'vtctldclient') },
  }
}

/** @param timeout of a connection, in milliseconds */
async function vtctldOf(
  { address, program }: GivenClient,
  timeout: number,
  context: Context,
): Promise<MoveRequest['vtctld']> {
  if (address === null) return null
  const { variables } = context.process
  const found = await findVtctldclient(program?.path ?? null, variables)
  if (found !== null) return askingVtctld(found, { server: address.text, from: address.from }, variables, 3 * timeout)
  if (program === null) return null
  throw new ToolError('VTCTLD_FAILED', {
    what: `\`${program.path}\` is not a program that can be run.`,
    why: `That is the vtctldclient of ${program.from}.`,
    next: `Correct ${program.from}, or leave it out. With \`--vtctld none\`, the command goes on without it and prints what to call elsewhere.`,
  })
}

const targetOf = ({ name, schema, server }: DatabaseConfig): MoveRequest['destination'] => ({
  database: name,
  schema,
  server: server.label,
})

const notKeyspace = (database: string, environment: string): ToolError =>
  new ToolError('MOVE_REFUSED', {
    what: `\`${database}\` is not a keyspace in the environment \`${environment}\`.`,
    why: `That environment has no \`databases.${database}.vitess\`.`,
    next: 'Name an environment where it has.',
  })
