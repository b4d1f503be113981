import { env } from 'node:process'
import { isPortFree } from '../../../src/sandbox/local-server.ts'

/**
 * Where test servers listen: WWDB_TEST_PORTS (`first-last`). Below what Linux gives to outgoing connections (from 32768 on), and
 * so are the ports 10,000 above, where nodes of a Redis Cluster talk: a port that a client just left stays taken for a minute.
 */
function range(): readonly [number, number] {
  const found = /^(\d+)-(\d+)$/.exec(env['WWDB_TEST_PORTS'] ?? '20000-21999')
  if (found === null) throw new Error('WWDB_TEST_PORTS must look like 20000-21999')
  return [Number(found[1]), Number(found[2])]
}

/** Single ports are of the lower half, those in a row of the upper: a sandbox that starts one server after the other finds its ports free. */
function halves(): { readonly single: readonly [number, number]; readonly row: readonly [number, number] } {
  const [first, last] = range()
  const middle = Math.floor((first + last) / 2)
  return { single: [first, middle], row: [middle + 1, last] }
}

/** A random free port: random because several test files ask at once and a port that is only known to be free is not held. */
export async function freePort(): Promise<number> {
  const [first, last] = halves().single
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = first + Math.floor(Math.random() * (last - first + 1))
    if (await isPortFree(port)) return port
  }
  throw new Error(`no free port between ${first} and ${last}; set WWDB_TEST_PORTS`)
}

/** The first of several free ports in a row, for a sandbox whose stores lie above its own port. */
export async function freePorts(count: number): Promise<number> {
  const [first, last] = halves().row
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = first + Math.floor(Math.random() * (last - first + 2 - count))
    const free = await Promise.all(Array.from({ length: count }, (_, index) => isPortFree(port + index)))
    if (free.every((one) => one)) return port
  }
  throw new Error(`no ${count} free ports in a row between ${first} and ${last}; set WWDB_TEST_PORTS`)
}
