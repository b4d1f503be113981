import type { Context } from '../../command/context.ts'
import type { Config } from '../../config/config.ts'
import type { ShardSteps } from '../../migrations/shard-steps.ts'
import type { FanOutOptions, FanOutServices } from './services.ts'

/** Plans and executes migrations that run on shards. All of it is loaded with the first such step: most runs have none. */
export function shardSteps(context: Pick<Context, 'port'>, config: Config, options: FanOutOptions): ShardSteps {
  let opened: Promise<FanOutServices> | undefined
  const services = (): Promise<FanOutServices> => {
    opened ??= import('./services.ts').then(({ fanOutServices }) => fanOutServices(context, config, options))
    return opened
  }
  return {
    plan: async (plan, targets, schemas, probe) => {
      const { planFanOuts } = await import('./plan-fan-outs.ts')
      return planFanOuts({ config, services: await services(), schemas, probe }, plan, targets)
    },
    prepare: async (run, target, runs) => {
      const { fanOutSteps } = await import('./fan-out-steps.ts')
      return fanOutSteps({ ...run, config, services: await services() }, target, runs)
    },
    scope: async () => (await import('../schema-scope.ts')).readScope(config),
  }
}
