import { setTimeout as pause } from 'node:timers/promises'
import type { HttpError, InfluxDB } from '@influxdata/influxdb-client'
import { HealthAPI, type HealthCheck, SetupAPI } from '@influxdata/influxdb-client-apis'
import { ToolError } from '../../core/tool-error.ts'
import { hideOpaque } from '../hide-secrets.ts'
import type { BucketDeclaration } from './declaration.ts'
import { explained, type InfluxAccess, type InfluxPlace, openConnection } from './driver-connection.ts'
import { statusOf } from './errors.ts'

/** True for a server that is not set up: it accepts one request to do so, without credentials. */
export async function isFresh({ access, server }: InfluxPlace): Promise<boolean> {
  const { allowed } = await explained(server, 'Asking whether the server is set up', () =>
    new SetupAPI(openConnection(access)).getSetup(),
  )
  return allowed === true
}

/** Milliseconds for the requests of a first start. */
const longestStart = 2000

/**
 * Reads from a server that is not fresh. While another run sets it up, it is no longer fresh and does not know the token yet: that is the last
 * thing it makes.
 */
export async function onceSetUp<T>({ access }: InfluxPlace, read: () => Promise<T>): Promise<T> {
  const maySetUp = access.user !== null && access.password !== null && access.token !== null
  for (const end = performance.now() + (maySetUp ? longestStart : 0); ; ) {
    try {
      return await read()
    } catch (error) {
      const isDenied = error instanceof ToolError && error.code === 'STORE_ACCESS_DENIED'
      if (!isDenied || performance.now() > end) throw error
      await pause(100)
    }
  }
}

/**
 * What a first start needs from the configuration. The token comes from the configuration: only this run would know one that the
 * server created.
 * @throws ToolError STORE_NOT_SET_UP.
 */
export function refuseWithoutCredentials({ access, server }: InfluxPlace): void {
  const missing = [
    ...(access.user === null ? ['user'] : []),
    ...(access.password === null ? ['password'] : []),
    ...(access.token === null ? ['token'] : []),
  ]
  if (missing.length === 0) return
  throw new ToolError('STORE_NOT_SET_UP', {
    what: 'This InfluxDB is not set up yet.',
    where: { server },
    why: `The initial setup needs the name, password and token of the first user, but the configuration has no ${missing.join(', no ')}.`,
    next: 'Add the missing settings to `stores.influxdb` (the user belongs in the URL), or run `influx setup` and configure its token.',
  })
}

/** The first start. It must create a bucket: the first declared one; what the request cannot contain is sent afterwards. */
export async function setUp(place: InfluxPlace, org: string, bucket: BucketDeclaration): Promise<void> {
  refuseWithoutCredentials(place)
  const { access, server } = place
  const body = {
    ...credentials(access),
    org,
    bucket: bucket.name,
    retentionPeriodSeconds: bucket.rule.seconds,
  }
  await explained(server, 'Setting the server up', async () => {
    try {
      await new SetupAPI(openConnection(access)).postSetup({ body })
    } catch (error) {
      // Another run was faster. The next request shows whether it used the same token.
      if (statusOf(error) !== 422 || !(await isSetUp(place))) throw error
    }
  })
}

async function isSetUp(place: InfluxPlace): Promise<boolean> {
  return !(await isFresh(place))
}

function credentials({ user, password, token }: InfluxAccess): {
  readonly username: string
  readonly password: string
  readonly token: string
} {
  return { username: user ?? '', password: password?.reveal() ?? '', token: token?.reveal() ?? '' }
}

/** The first whose Flux has `date.sub`, which the downsampling tasks need to go back whole windows. */
const oldest = [2, 3] as const

/**
 * Asks a server for its version, which needs no token.
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

/** An unhealthy server reports that with an error status, and another program answers anything. */
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
    what: 'InfluxDB reports that it is not healthy.',
    where: { server },
    why: `${hideOpaque(why).replace(/\.?$/, '')}.`,
    next: 'Check its log, and retry when its /health reports `pass`.',
  })
}

function tooOld(server: string, version: string): ToolError {
  return new ToolError('STORE_TOO_OLD', {
    what: `InfluxDB ${version} is too old.`,
    where: { server },
    why: `The downsampling tasks need the Flux version of InfluxDB ${oldest.join('.')} or later.`,
    next: `Update the server to ${oldest.join('.')} or a later 2.x.`,
  })
}

function unsupported(server: string, version: string): ToolError {
  return new ToolError('STORE_UNSUPPORTED', {
    what: 'The server is not InfluxDB 2.',
    where: { server },
    why: version === '' ? 'It does not report a version as InfluxDB 2 does.' : `It reports version ${version}.`,
    next: 'Check host and port of its URL; InfluxDB 1 and 3 have no buckets and tasks of this kind.',
  })
}
