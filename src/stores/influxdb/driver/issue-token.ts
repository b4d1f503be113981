import { AuthorizationsAPI, type Permission } from '@influxdata/influxdb-client-apis'
import type { TokenOrder } from '../ports.ts'
import type { InfluxPlace } from './place.ts'
import { refuseOtherFile, writeTokenFile } from './token-file.ts'

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
