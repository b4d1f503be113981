import { nextStop } from '../calendar/stop-time.ts'
import type { Config } from '../config/config.ts'

/** The time of day at which heavy work stops, as one instant for a whole run: work that begins behind it would wait for that of the next day. */
export function fixStop(config: Config): Config {
  const { stopAt } = config.throttle
  if (stopAt === null) return config
  return { ...config, throttle: { ...config.throttle, stopAt: { type: 'instant', at: nextStop(stopAt, Date.now()) } } }
}
