import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import {
  AuthorizationsAPI,
  type Bucket,
  BucketsAPI,
  DbrpsAPI,
  OrgsAPI,
  type Permission,
  type PostBucketRequest,
  TasksAPI,
} from '@influxdata/influxdb-client-apis'
import { assertNever, ToolError } from '../../core/tool-error.ts'
import type { BucketDeclaration, RetentionRule } from './declaration.ts'
import { removeAlert, writeAlert } from './driver-alerts.ts'
import type { InfluxPlace } from './driver-connection.ts'
import { removeLabel, writeLabel } from './driver-labels.ts'
import { setUp } from './driver-setup.ts'
import { statusOf } from './errors.ts'
import type { ServerWrite, TokenOrder } from './ports.ts'

/** Sends one change. @throws ToolError as `explained` does. */
export async function write(place: InfluxPlace, change: ServerWrite): Promise<void> {
  switch (change.type) {
    case 'set-up':
      return setUp(place, change.organization, change.bucket)
    case 'issue-token':
      return issueToken(place, change.organizationId, change.token)
    case 'create-bucket':
      return createBucket(place, change.organizationId, change.bucket)
    case 'update-bucket':
      return updateBucket(place, change.id, change.bucket)
    case 'create-organization':
    case 'describe-organization':
    case 'remove-organization':
      return writeOrganization(place, change)
    case 'create-task':
    case 'update-task':
      return writeTask(place, change)
    case 'create-mapping':
    case 'update-mapping':
      return writeMapping(place, change)
    case 'write-label':
      return writeLabel(place, change)
    case 'remove-label':
      return removeLabel(place, change.id)
    case 'write-alert':
      return writeAlert(place, change)
    case 'remove-alert':
      return removeAlert(place, change.kind, change.id)
    case 'activate-token':
    case 'revoke-token':
    case 'remove-task':
    case 'remove-bucket':
    case 'remove-mapping':
      return writeById(place, change)
    default:
      return assertNever(change)
  }
}

type WriteOf<Type extends ServerWrite['type']> = Extract<ServerWrite, { readonly type: Type }>

async function writeOrganization(
  { ask }: InfluxPlace,
  change: WriteOf<'create-organization' | 'describe-organization' | 'remove-organization'>,
): Promise<void> {
  switch (change.type) {
    case 'create-organization': {
      const { name, description } = change
      const body = { name, ...(description === null ? {} : { description }) }
      await ask(`Creating organization ${name}`, (client) => unlessExisting(new OrgsAPI(client).postOrgs({ body })))
      return
    }
    case 'describe-organization': {
      const { id: orgID, description } = change
      await ask('Describing the organization', (client) =>
        new OrgsAPI(client).patchOrgsID({ orgID, body: { description } }),
      )
      return
    }
    case 'remove-organization':
      return ask('Removing the organization', (client) => new OrgsAPI(client).deleteOrgsID({ orgID: change.id }))
    default:
      return assertNever(change)
  }
}

/** Null for what exists under its name already: it is read and compared after every write. */
async function unlessExisting<T>(creating: Promise<T>): Promise<T | null> {
  try {
    return await creating
  } catch (error) {
    if (statusOf(error) === 422 && /already exists|not unique|conflict/i.test(String(error))) return null
    throw error
  }
}

/** A rule is always sent complete: no proxy or library can fill in its other half. */
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
  const made = await place.ask(`Creating bucket ${name}`, (client) =>
    unlessExisting(new BucketsAPI(client).postBuckets({ body })),
  )
  if (made !== null) refuseOtherRule(place, name, bucket.rule, made)
}

async function updateBucket(place: InfluxPlace, bucketID: string, bucket: BucketDeclaration): Promise<void> {
  const body = bodyOf(bucket)
  const made = await place.ask(`Updating bucket ${bucket.name}`, (client) =>
    new BucketsAPI(client).patchBucketsID({ bucketID, body }),
  )
  refuseOtherRule(place, bucket.name, bucket.rule, made)
}

/**
 * The rule in the server's answer is checked before anything else happens: a different rule would remove points at the next
 * enforcement.
 */
function refuseOtherRule({ server }: InfluxPlace, name: string, declared: RetentionRule, made: Bucket): void {
  const [rule] = made.retentionRules
  const [every, shard] = [rule?.everySeconds ?? 0, rule?.shardGroupDurationSeconds ?? 0]
  if (every === declared.seconds && shard === declared.shardGroupSeconds) return
  throw new ToolError('STORE_REFUSED', {
    what: `InfluxDB gave bucket \`${name}\` a retention rule other than the declared one.`,
    where: { server },
    why: `It keeps points ${every} s in shard groups of ${shard} s, instead of ${declared.seconds} s in groups of ${declared.shardGroupSeconds} s.`,
    next: 'Set both numbers of the rule by hand immediately: older points are removed within half an hour.',
  })
}

async function writeTask({ ask }: InfluxPlace, change: WriteOf<'create-task' | 'update-task'>): Promise<void> {
  const { flux, description, active } = change.task
  const status = active ? ('active' as const) : ('inactive' as const)
  const body = { flux, status, ...(description === null ? {} : { description }) }
  if (change.type === 'create-task') {
    const orgID = change.organizationId
    await ask('Creating a task', (client) => new TasksAPI(client).postTasks({ body: { ...body, orgID } }))
  } else {
    const taskID = change.id
    await ask('Updating a task', (client) => new TasksAPI(client).patchTasksID({ taskID, body }))
  }
}

async function writeMapping({ ask }: InfluxPlace, change: WriteOf<'create-mapping' | 'update-mapping'>): Promise<void> {
  const orgID = change.organizationId
  if (change.type === 'create-mapping') {
    const { database, retentionPolicy, bucketId, isDefault } = change.mapping
    const body = { orgID, database, retention_policy: retentionPolicy, bucketID: bucketId, default: isDefault }
    await ask(`Mapping ${database}/${retentionPolicy}`, (client) => new DbrpsAPI(client).postDBRP({ body }))
  } else {
    const body = { default: true, retention_policy: change.policy }
    await ask('Changing a DBRP mapping', (client) =>
      new DbrpsAPI(client).patchDBRPID({ dbrpID: change.id, orgID, body }),
    )
  }
}

async function writeById(
  { ask }: InfluxPlace,
  change: WriteOf<'activate-token' | 'revoke-token' | 'remove-task' | 'remove-bucket' | 'remove-mapping'>,
): Promise<void> {
  const { id } = change
  switch (change.type) {
    case 'activate-token':
      await ask('Activating a token', (client) =>
        new AuthorizationsAPI(client).patchAuthorizationsID({ authID: id, body: { status: 'active' } }),
      )
      return
    case 'revoke-token':
      await ask('Revoking a token', (client) => new AuthorizationsAPI(client).deleteAuthorizationsID({ authID: id }))
      return change.file === null ? undefined : removeTokenFile(change.file)
    case 'remove-task':
      return ask('Removing a task', (client) => new TasksAPI(client).deleteTasksID({ taskID: id }))
    case 'remove-bucket':
      return ask('Removing a bucket', (client) => new BucketsAPI(client).deleteBucketsID({ bucketID: id }))
    case 'remove-mapping':
      return ask('Removing a DBRP mapping', (client) =>
        new DbrpsAPI(client).deleteDBRPID({ dbrpID: id, orgID: change.organizationId }),
      )
    default:
      return assertNever(change)
  }
}

/** As planning reads it: see `notHandedOut` there. */
const unfinished = ' (not handed out yet)'

/**
 * Creates a token and writes it to its file, the only place where it is stored. It is activated only then: a run that is killed in
 * between leaves an inactive token, marked as unfinished, which the next run removes. Then the tokens that it replaces are
 * removed.
 */
async function issueToken(place: InfluxPlace, organizationId: string, order: TokenOrder): Promise<void> {
  const { name, file, replaces } = order
  await refuseOtherFile(file)
  const body = {
    orgID: organizationId,
    description: `${name}${unfinished}`,
    status: 'inactive' as const,
    permissions: permissionsOf(organizationId, order),
  }
  const made = await place.ask(`Issuing token ${name}`, (client) =>
    new AuthorizationsAPI(client).postAuthorizations({ body }),
  )
  const authID = made.id ?? ''
  await writeTokenFile(file, made.token ?? '')
  await place.ask(`Activating token ${name}`, (client) =>
    new AuthorizationsAPI(client).patchAuthorizationsID({ authID, body: { description: name, status: 'active' } }),
  )
  for (const old of replaces) {
    await place.ask(`Revoking the old token ${name}`, (client) =>
      new AuthorizationsAPI(client).deleteAuthorizationsID({ authID: old }),
    )
  }
}

function permissionsOf(orgID: string, { read, write }: TokenOrder): Permission[] {
  const permit =
    (action: Permission['action']) =>
    (id: string): Permission => ({
      action,
      resource: { type: 'buckets', id, orgID },
    })
  return [...read.map(permit('read')), ...write.map(permit('write'))]
}

/** One line without blanks: the form of a token. A file with longer content has another purpose. */
const tokenLike = /^[^\s]{0,512}\n?$/

/**
 * A mistyped path must not overwrite another file: only a file that is missing, is empty or holds a token is written.
 * @throws ToolError STORE_TOKEN_FILE.
 */
async function refuseOtherFile(file: string): Promise<void> {
  const content = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw fileFault(file, error.message)
  })
  if (tokenLike.test(content)) return
  throw fileFault(file, 'The file contains more than a token.')
}

/** Completely or not at all, and readable only by its owner. @throws ToolError STORE_TOKEN_FILE. */
async function writeTokenFile(file: string, token: string): Promise<void> {
  const draft = `${file}.new`
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    await rm(draft, { force: true })
    const handle = await open(draft, 'wx', 0o600)
    try {
      await handle.writeFile(`${token}\n`)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(draft, file)
  } catch (error) {
    throw fileFault(file, error instanceof Error ? error.message : String(error))
  }
}

/** The token in it is no longer valid. Content that does not look like a token is left alone. */
async function removeTokenFile(file: string): Promise<void> {
  const content = await readFile(file, 'utf8').catch(() => null)
  if (content !== null && tokenLike.test(content)) await rm(file, { force: true })
}

function fileFault(file: string, why: string): ToolError {
  return new ToolError('STORE_TOKEN_FILE', {
    what: 'The token cannot be written to its file.',
    where: { file },
    why: `${why.replace(/\.?$/, '')}.`,
    next: 'Give a writable file that contains nothing else. The next run removes the token that was not written.',
  })
}
