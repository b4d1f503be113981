import type { GivePart, Port } from '../core/port.ts'
import type { Door } from '../mysql/door.ts'
import { drivers as allDrivers } from './drivers.generated.ts'

/** What this process itself puts behind a port. */
export interface Given<Part = unknown> {
  readonly port: Port<Part>
  readonly make: () => Promise<Part>
}

export function give<Part>(port: Port<Part>, make: () => Promise<Part>): Given<Part> {
  return { port, make }
}

interface Parts {
  readonly given?: readonly Given[]
  readonly drivers?: typeof allDrivers
}

/** Gives what is behind ports: what is given here, and the parts of the MySQL driver. Each is made when it is first asked for. */
export function giveParts(door: () => Promise<Door>, { given = [], drivers = allDrivers }: Parts = {}): GivePart {
  const made = new Map<Port<unknown>, Promise<unknown>>()
  const make = (port: Port<unknown>): Promise<unknown> =>
    given.find((one) => one.port === port)?.make() ?? build(port, door, drivers)
  return <Part>(port: Port<Part>): Promise<Part> => {
    const part = made.get(port) ?? make(port)
    made.set(port, part)
    // What is behind a port is made for it by `give` or `driverOf`, which tie both to one type.
    return part as Promise<Part>
  }
}

async function build(
  port: Port<unknown>,
  door: () => Promise<Door>,
  drivers: Required<Parts>['drivers'],
): Promise<unknown> {
  const load = drivers[port.name]
  if (load === undefined) throw new Error(`no file of a driver builds the port ${port.name}`)
  const [driver, opened] = await Promise.all([load(), door()])
  if (driver.port !== port) throw new Error(`the driver ${port.name} is made for another port`)
  return driver.build(opened)
}
