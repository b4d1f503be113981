import { SetupAPI } from '@influxdata/influxdb-client-apis'
import { ToolError } from '../../../core/tool-error.ts'
import type { BucketDeclaration } from '../declaration.ts'
import { type InfluxAccess, openConnection } from './connection.ts'
import { explained, statusOf } from './errors.ts'
import type { InfluxPlace } from './place.ts'

/** True for a server that nobody has set up: it takes one request to do so, from anybody. */
export async function isFresh({ access, server }: InfluxPlace): Promise<boolean> {
  const { allowed } = await explained(server, 'Asking whether the server is set up', () =>
    new SetupAPI(openConnection(access)).getSetup(),
  )
  return allowed === true
}

/**
 * What a first start needs of the configuration. The token is ours to choose: one that the server made would be known to nobody
 * but this run.
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
    what: 'Nobody has set this InfluxDB up yet.',
    where: { server },
    why: `A first start needs the name and password of its first user and the token it is to have; the configuration has no ${missing.join(', no ')}.`,
    next: 'Add what is missing to "stores.influxdb" (the user goes into the URL), or run "influx setup" and configure its token.',
  })
}

/** The first start. The bucket that it must make is the first one declared; what it cannot say of it comes afterwards. */
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
      // Another run was faster. Whether it used our token the next request shows.
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
