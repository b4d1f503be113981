import { defineCommand } from '../../command/define-command.ts'
import { families } from '../../command/shared-flags.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { inspectShards } from '../inspect/inspect-shards.ts'
import { countFindings } from '../inspection.ts'

/**
 * `wwdb shards check`: checks that all shards exist and match their template. Takes no lock, writes nothing; exit code 1 on findings.
 */
export const command = defineCommand({
  name: 'shards check',
  group: 'Sharded tables',
  summary: 'check that all shards exist and match their template',
  purpose:
    'Checks all shards at once: what is missing now or soon, holes in the past, tables that only look like ' +
    'shards, shards that differ from the others of their family, differences between the registry and the tables, ' +
    'for how long tables are created ahead, and whether the server is configured for that many. Takes no lock, ' +
    'writes nothing, and needs only SELECT: run it under an account of its own, independent of rotation. Exit ' +
    'code 1 if anything is wrong.',
  examples: [
    { command: 'wwdb shards check', purpose: 'all families' },
    {
      command: 'wwdb shards check --metrics /var/lib/node_exporter/wwdb.prom',
      purpose: 'the same with numbers for Prometheus',
    },
    {
      command: 'wwdb shards check --scratch',
      purpose: 'compare with what the templates make, not with what was recorded',
    },
    { command: 'wwdb shards check --rows', purpose: 'whether rows are in the shard of their time' },
  ],
  flags: {
    'What to look at': {
      family: families,
      scratch: { description: 'create each template in a scratch schema and compare with that; needs CREATE' },
      rows: {
        description:
          'read rows at the borders of shards by the column of `-- wwdb:time`, and name shards that have rows of other periods',
      },
    },
    Output: {
      metrics: {
        value: 'FILE',
        type: 'file',
        description: "write metrics for node_exporter's textfile collector to this file, atomically",
        minLength: 1,
      },
    },
  },
  exitCodes: [...exitCodesOf.servers, exitCodes.findings],
  interruption: 'at-once',
  writes: false,
  connects: true,
  vtgate: true,
  async run({ family = [], scratch = false, rows = false, metrics }, context) {
    const { seen: targets, unseen, exitCode } = await inspectShards(context, family, scratch, rows)
    const at = context.now()
    if (metrics !== undefined) {
      const { renderShardMetrics } = await import('../metrics.ts')
      await context.process.publishMetrics(metrics, renderShardMetrics({ targets, unseen }, at))
    }
    const findings = targets.reduce((sum, target) => sum + countFindings(target), 0)
    return {
      result: { kind: 'shard-check', at: new Date(at).toISOString(), targets, unseen, findings },
      exitCode: exitCode ?? (findings > 0 ? exitCodes.findings : exitCodes.done),
    }
  },
})
