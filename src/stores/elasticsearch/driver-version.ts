import * as z from 'zod/mini'
import type { Requests } from './driver-requests.ts'
import { refuseOld } from './errors.ts'

const information = z.object({ version: z.object({ number: z.string() }) })

/** @throws ToolError STORE_TOO_OLD before 8.0. */
export async function readVersion(requests: Requests): Promise<string> {
  const { number } = z.parse(information, await requests.greet('read its version', '/')).version
  refuseOld(number, requests.server)
  return number
}
