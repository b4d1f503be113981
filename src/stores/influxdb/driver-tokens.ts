import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AuthorizationsAPI, type Permission } from '@influxdata/influxdb-client-apis'
import { ToolError } from '../../core/tool-error.ts'
import type { InfluxPlace } from './driver-connection.ts'
import type { TokenOrder } from './ports.ts'

/** As planning reads it: see `notHandedOut` there. */
const unfinished = ' (not handed out yet)'

/**
 * Makes a token and writes it to its file, the only place it ever goes to. It works only once it is there: a run that is killed in
 * between leaves a token that is inactive, is called unfinished, and is removed by the next run. Then those go that it replaces.
 */
export async function issueToken(place: InfluxPlace, organizationId: string, order: TokenOrder): Promise<void> {
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

/** One line without blanks: the form of a token. Any longer content belongs to another file. */
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
  throw fileFault(file, 'There is a file with more than a token in it.')
}

/** Whole or not at all, and readable for its owner alone. @throws ToolError STORE_TOKEN_FILE. */
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

/** The token in it is worth nothing any more. What does not look like one is left where it is. */
export async function removeTokenFile(file: string): Promise<void> {
  const content = await readFile(file, 'utf8').catch(() => null)
  if (content !== null && tokenLike.test(content)) await rm(file, { force: true })
}

function fileFault(file: string, why: string): ToolError {
  return new ToolError('STORE_TOKEN_FILE', {
    what: 'The token cannot be written to its file.',
    where: { file },
    why: `${why.replace(/\.?$/, '.')}`,
    next: 'Name a file that can be written and holds nothing else. The next run removes the token that was not written.',
  })
}
