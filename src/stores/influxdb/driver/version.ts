import type { HttpError, InfluxDB } from '@influxdata/influxdb-client'
import { HealthAPI, type HealthCheck } from '@influxdata/influxdb-client-apis'
import { ToolError } from '../../../core/tool-error.ts'
import { explained, statusOf } from './errors.ts'

/** The first whose Flux has `date.sub`, which the downsampling tasks need to go back whole windows. */
const oldest = [2, 3] as const

/**
 * Asks a server for its version, which it tells anybody.
 * @throws ToolError STORE_TOO_OLD, STORE_UNSUPPORTED, STORE_UNREACHABLE.
 */
export async function readVersion(client: InfluxDB, server: string): Promise<string> {
  const health = await explained(server, 'Asking for the version', () => askHealth(client))
  const text = health.version ?? ''
  const found = /^v?(\d+)\.(\d+)[\d.]*/.exec(text)
  const [version = '', major = '0', minor = '0'] = found ?? []
  const number = Number(major) * 1000 + Number(minor)
  if (found === null || Number(major) > oldest[0]) throw unsupported(server, text)
  if (number < oldest[0] * 1000 + oldest[1]) throw tooOld(server, version.replace(/^v/, ''))
  if (health.status === 'fail') throw unhealthy(server, health.message ?? 'it does not say why')
  return version.replace(/^v/, '')
}

/** A server that is not well says so with an error's status, and something else that answers says anything. */
async function askHealth(client: InfluxDB): Promise<Partial<HealthCheck>> {
  try {
    const health: Partial<HealthCheck> | string = await new HealthAPI(client).getHealth()
    return typeof health === 'object' ? health : {}
  } catch (error) {
    if (statusOf(error) === null) throw error
    const said: unknown = (error as HttpError).json
    return typeof said === 'object' && said !== null ? said : {}
  }
}

function unhealthy(server: string, why: string): ToolError {
  return new ToolError('STORE_REFUSED', {
    what: 'InfluxDB says that it is not healthy.',
    where: { server },
    why: `${why.replace(/\.?$/, '.')}`,
    next: 'Look into its log, and try again when its /health says "pass".',
  })
}

function tooOld(server: string, version: string): ToolError {
  return new ToolError('STORE_TOO_OLD', {
    what: `InfluxDB ${version} is too old.`,
    where: { server },
    why: `The downsampling tasks need Flux as it is from InfluxDB ${oldest.join('.')} on.`,
    next: `Update the server to ${oldest.join('.')} or a later 2.x.`,
  })
}

function unsupported(server: string, version: string): ToolError {
  return new ToolError('STORE_UNSUPPORTED', {
    what: 'What answers is not InfluxDB 2.',
    where: { server },
    why: version === '' ? 'It tells no version where InfluxDB 2 does.' : `It says that it is ${version}.`,
    next: 'Check host and port of its URL; InfluxDB 1 and 3 have no buckets and tasks of this kind.',
  })
}
