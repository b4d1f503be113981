import type { Context } from '../../command/context.ts'
import type { Config } from '../../config/config.ts'
import type { ShardSteps } from '../../migrations/shard-steps.ts'
import { type FanOutOptions, fanOutServices } from './services.ts'

/** Plans and executes migrations that run on shards. All of it is loaded with the first such step: most runs have none. */
export function shardSteps(context: Pick<Context, 'port'>, config: Config, options: FanOutOptions): ShardSteps {
  const services = fanOutServices(context, config, options)
  return {
    plan: async (plan, targets, schemas, probe) =>
      (await import('./plan-fan-outs.ts')).planFanOuts({ config, services, schemas, probe }, plan, targets),
    prepare: async (run, target, runs) =>
      (await import('./fan-out-steps.ts')).fanOutSteps({ ...run, config, services }, target, runs),
    scope: async () => (await import('../schema-scope.ts')).readScope(config),
  }
}
