import type { Context } from '../../command/context.ts'
import { defineCommand, defineFlags, type Options } from '../../command/define-command.ts'
import { dryRun, throttling } from '../../command/shared-flags.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { ToolError } from '../../core/tool-error.ts'
import { openGovernors } from '../../operate/governors.ts'
import { readDatabases, readShardProject } from '../project.ts'
import { makeRotationWork } from '../rotation/make-request.ts'
import { changeShards } from '../rotation/run-rotation.ts'
import { confirmSplit, undoSplit } from '../split/end-split.ts'
import { planSplit } from '../split/plan-split.ts'
import { splitServers } from '../split/ports.ts'
import { factsOf, type SplitRequest, splitTable } from '../split/split-table.ts'
import { toSplitResult } from './split-view.ts'

const flags = defineFlags({
  'Into what': {
    into: { value: 'FAMILY', description: 'the family whose shards the table becomes, named like its template' },
    by: {
      value: 'COLUMN',
      description: 'for a family by instance: the column of the table that has the instance',
      otherwise: 'the line `-- wwdb:time` of the template',
    },
    view: { description: 'put a view of all pieces under the old name, for readers' },
  },
  'After the cut-over': {
    undo: { description: 'take the split back, however far it is', conflicts: ['view', 'by'] },
    final: {
      description: 'confirm the split: the table as it was goes when its grace has ended',
      conflicts: ['undo', 'view', 'by', 'dryRun'],
    },
  },
  Safety: { dryRun },
  'Load of servers': throttling,
})

type Input = Options<typeof flags> & { readonly table: string }

/** `wwdb shards split TABLE --into FAMILY`: a plain table becomes shards while it is written to. */
export const command = defineCommand({
  name: 'shards split',
  group: 'Sharded tables',
  summary: 'make a plain table the shards of a family, while it is written to',
  purpose:
    'Makes the shards that the rows of a table need, copies the rows in batches by the primary key, and has triggers carry each write to its shard in the same transaction. ' +
    'Then all rows are compared by their checksums, and one RENAME under the guard takes the table out of use; it is kept under a hold name. A run that was killed continues where it was. ' +
    '`--undo` takes the split back at any time until `--final`: rows that were written to the shards since are carried back and compared before the table gets its name again. Asks before it starts.',
  examples: [
    {
      command: 'wwdb shards split messages --into messages --dry-run',
      purpose: 'see the pieces and what speaks against it',
    },
    {
      command: 'wwdb shards split messages --into messages --view',
      purpose: 'with a view of the old name for readers',
    },
    { command: 'wwdb shards split messages --into messages --undo', purpose: 'take it back, with all rows' },
    { command: 'wwdb shards split messages --into messages --final', purpose: 'let the table as it was go' },
  ],
  arguments: { table: { description: 'the table, in the database of the family', required: true } },
  flags,
  exitCodes: exitCodesOf.locks,
  interruption: 'after-statement',
  writes: true,
  connects: true,
  async run(options, context) {
    if (options.dryRun === true) return plan(options, context)
    return carryOut(options, context)
  },
})

function familyOf({ into }: Input): string {
  if (into !== undefined) return into
  throw new ToolError('USAGE', {
    what: 'No family is given.',
    next: 'Name the family that the table becomes with `--into`.',
  })
}

async function plan(options: Input, context: Context) {
  const name = familyOf(options)
  const project = await readShardProject(context, [name])
  const serverOf = await context.port(splitServers)
  const [family] = project.chosen
  if (family === undefined) throw new Error('a family that was asked for is chosen')
  const [result] = await readDatabases(project, async (store) => {
    const server = serverOf(store)
    const request = {
      server,
      store,
      work: { family },
      rotation: project.request,
      table: options.table,
      by: options.by ?? null,
      now: context.now,
    }
    const record = (await server.readRecords()).find((one) => one.table === options.table) ?? null
    const isNew = record === null || record.state === 'undone'
    const planned = isNew && options.undo !== true ? planSplit(await factsOf(request)) : null
    return toSplitResult({
      target: store.target,
      table: options.table,
      family: family.name,
      dryRun: true,
      record,
      plan: planned,
    })
  })
  if (result === undefined) throw new Error('the family has a database')
  return { result, exitCode: exitCodes.done }
}

async function carryOut(options: Input, context: Context) {
  const { table, by, view = false, undo = false, final = false } = options
  const name = familyOf(options)
  const config = await context.config()
  const rotation = await makeRotationWork(context, {
    families: [name],
    alone: true,
    ahead: 0,
    at: null,
    tolerates: ['clocks', 'protection', 'keys'],
  })
  const serverOf = await context.port(splitServers)
  const governors = await openGovernors(context, config)
  context.emit({ type: 'run-started', command: 'shards split', targets: [] })
  const ends: ReturnType<typeof toSplitResult>[] = []
  try {
    const report = await changeShards(rotation, async (run, work) => {
      const { store } = run
      const request: SplitRequest = {
        server: serverOf(store),
        store,
        rotation,
        run,
        work,
        table,
        by: by ?? null,
        view,
        person: context.process.person,
        governor: governors?.of(store.target) ?? null,
        stop: context.stop,
        emit: context.emit,
        now: context.now,
        confirm: (what) => context.confirm({ what, level: 'moderate', name: 'split' }),
      }
      const end = await (undo ? undoSplit(request) : final ? confirmSplit(request) : splitTable(request))
      ends.push(toSplitResult({ target: store.target, table, family: work.family.name, dryRun: false, ...end }))
    })
    if (report.error !== null) throw report.error
  } finally {
    await governors?.close()
  }
  const [result] = ends
  if (result === undefined)
    throw new ToolError('STOPPED', {
      what: `The run was stopped before \`${table}\` was looked at.`,
      next: 'Run the command again.',
    })
  return { result, exitCode: exitCodes.done }
}
