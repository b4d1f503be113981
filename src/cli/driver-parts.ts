import type { GivePart, Port } from '../core/port.ts'
import type { Door } from '../mysql/door.ts'
import { drivers as allDrivers } from './drivers.generated.ts'

/** Parts that this process itself provides for a port. */
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

/**
 * Returns the part behind a port: one that is passed in here, or a part of the MySQL driver. Each is created when it is first
 * needed.
 */
export function giveParts(door: () => Promise<Door>, { given = [], drivers = allDrivers }: Parts = {}): GivePart {
  const made = new Map<Port<unknown>, Promise<unknown>>()
  const make = (port: Port<unknown>): Promise<unknown> =>
    given.find((one) => one.port === port)?.make() ?? build(port, door, drivers)
  return <Part>(port: Port<Part>): Promise<Part> => {
    const part = made.get(port) ?? make(port)
    made.set(port, part)
    // `give` and `driverOf` tie a port and its part to one type.
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
