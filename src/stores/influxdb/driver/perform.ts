import {
  AuthorizationsAPI,
  type Bucket,
  BucketsAPI,
  DbrpsAPI,
  OrgsAPI,
  type PostBucketRequest,
  TasksAPI,
} from '@influxdata/influxdb-client-apis'
import { assertNever, ToolError } from '../../../core/tool-error.ts'
import type { BucketDeclaration, RetentionRule } from '../declaration.ts'
import type { InfluxDeed } from '../ports.ts'
import { issueToken } from './issue-token.ts'
import type { InfluxPlace } from './place.ts'
import { setUp } from './set-up.ts'
import { removeTokenFile } from './token-file.ts'

/** Does one thing. @throws ToolError as `explained` does. */
export async function performDeed(place: InfluxPlace, deed: InfluxDeed): Promise<void> {
  switch (deed.type) {
    case 'set-up':
      return setUp(place, deed.organization, deed.bucket)
    case 'issue-token':
      return issueToken(place, deed.organizationId, deed.token)
    case 'create-bucket':
      return createBucket(place, deed.organizationId, deed.bucket)
    case 'update-bucket':
      return updateBucket(place, deed.id, deed.bucket)
    case 'create-organization':
    case 'describe-organization':
    case 'remove-organization':
      return performOnOrganization(place, deed)
    case 'create-task':
    case 'update-task':
      return performOnTask(place, deed)
    case 'create-mapping':
    case 'update-mapping':
      return performOnMapping(place, deed)
    case 'activate-token':
    case 'revoke-token':
    case 'remove-task':
    case 'remove-bucket':
    case 'remove-mapping':
      return performById(place, deed)
    default:
      return assertNever(deed)
  }
}

type DeedOf<Type extends InfluxDeed['type']> = Extract<InfluxDeed, { readonly type: Type }>

async function performOnOrganization(
  { ask }: InfluxPlace,
  deed: DeedOf<'create-organization' | 'describe-organization' | 'remove-organization'>,
): Promise<void> {
  switch (deed.type) {
    case 'create-organization': {
      const { name, description } = deed
      const body = { name, ...(description === null ? {} : { description }) }
      await ask(`Creating organisation ${name}`, (client) => new OrgsAPI(client).postOrgs({ body }))
      return
    }
    case 'describe-organization': {
      const { id: orgID, description } = deed
      await ask('Describing the organisation', (client) =>
        new OrgsAPI(client).patchOrgsID({ orgID, body: { description } }),
      )
      return
    }
    case 'remove-organization':
      return ask('Removing the organisation', (client) => new OrgsAPI(client).deleteOrgsID({ orgID: deed.id }))
    default:
      return assertNever(deed)
  }
}

/** A rule that is sent is always whole: nobody between here and the server gets to fill in the other half of one. */
function bodyOf({ description, rule }: BucketDeclaration): Pick<PostBucketRequest, 'description'> & {
  readonly retentionRules: { type: 'expire'; everySeconds: number; shardGroupDurationSeconds: number }[]
} {
  return {
    ...(description === null ? {} : { description }),
    retentionRules: [{ type: 'expire', everySeconds: rule.seconds, shardGroupDurationSeconds: rule.shardGroupSeconds }],
  }
}

async function createBucket(place: InfluxPlace, orgID: string, bucket: BucketDeclaration): Promise<void> {
  const { name } = bucket
  const body = { orgID, name, ...bodyOf(bucket) }
  const made = await place.ask(`Creating bucket ${name}`, (client) => new BucketsAPI(client).postBuckets({ body }))
  refuseOtherRule(place, name, bucket.rule, made)
}

async function updateBucket(place: InfluxPlace, bucketID: string, bucket: BucketDeclaration): Promise<void> {
  const body = bodyOf(bucket)
  const made = await place.ask(`Updating bucket ${bucket.name}`, (client) =>
    new BucketsAPI(client).patchBucketsID({ bucketID, body }),
  )
  refuseOtherRule(place, bucket.name, bucket.rule, made)
}

/** What a server makes of a rule is looked at before anything else happens: another rule loses points at its next look. */
function refuseOtherRule({ server }: InfluxPlace, name: string, declared: RetentionRule, made: Bucket): void {
  const [rule] = made.retentionRules
  const [every, shard] = [rule?.everySeconds ?? 0, rule?.shardGroupDurationSeconds ?? 0]
  if (every === declared.seconds && shard === declared.shardGroupSeconds) return
  throw new ToolError('STORE_REFUSED', {
    what: `InfluxDB gave bucket ${name} another retention rule than it was told.`,
    where: { server },
    why: `It keeps points ${every} s in shard groups of ${shard} s, and not ${declared.seconds} s in groups of ${declared.shardGroupSeconds} s.`,
    next: 'Set the rule by hand at once, both numbers together: points that are older than it go within half an hour.',
  })
}

async function performOnTask({ ask }: InfluxPlace, deed: DeedOf<'create-task' | 'update-task'>): Promise<void> {
  const { flux, description, active } = deed.task
  const status = active ? ('active' as const) : ('inactive' as const)
  const body = { flux, status, ...(description === null ? {} : { description }) }
  if (deed.type === 'create-task') {
    const orgID = deed.organizationId
    await ask('Creating a task', (client) => new TasksAPI(client).postTasks({ body: { ...body, orgID } }))
  } else {
    const taskID = deed.id
    await ask('Updating a task', (client) => new TasksAPI(client).patchTasksID({ taskID, body }))
  }
}

async function performOnMapping(
  { ask }: InfluxPlace,
  deed: DeedOf<'create-mapping' | 'update-mapping'>,
): Promise<void> {
  const orgID = deed.organizationId
  if (deed.type === 'create-mapping') {
    const { database, retentionPolicy, bucketId, isDefault } = deed.mapping
    const body = { orgID, database, retention_policy: retentionPolicy, bucketID: bucketId, default: isDefault }
    await ask(`Mapping ${database}/${retentionPolicy}`, (client) => new DbrpsAPI(client).postDBRP({ body }))
  } else {
    const body = { default: true, retention_policy: deed.policy }
    await ask('Changing a DBRP mapping', (client) => new DbrpsAPI(client).patchDBRPID({ dbrpID: deed.id, orgID, body }))
  }
}

async function performById(
  { ask }: InfluxPlace,
  deed: DeedOf<'activate-token' | 'revoke-token' | 'remove-task' | 'remove-bucket' | 'remove-mapping'>,
): Promise<void> {
  const { id } = deed
  switch (deed.type) {
    case 'activate-token':
      await ask('Activating a token', (client) =>
        new AuthorizationsAPI(client).patchAuthorizationsID({ authID: id, body: { status: 'active' } }),
      )
      return
    case 'revoke-token':
      await ask('Revoking a token', (client) => new AuthorizationsAPI(client).deleteAuthorizationsID({ authID: id }))
      return deed.file === null ? undefined : removeTokenFile(deed.file)
    case 'remove-task':
      return ask('Removing a task', (client) => new TasksAPI(client).deleteTasksID({ taskID: id }))
    case 'remove-bucket':
      return ask('Removing a bucket', (client) => new BucketsAPI(client).deleteBucketsID({ bucketID: id }))
    case 'remove-mapping':
      return ask('Removing a DBRP mapping', (client) =>
        new DbrpsAPI(client).deleteDBRPID({ dbrpID: id, orgID: deed.organizationId }),
      )
    default:
      return assertNever(deed)
  }
}
