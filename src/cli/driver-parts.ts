import type { GivePart, Port } from '../core/port.ts'
import type { Door } from '../mysql/door.ts'
import { drivers as allDrivers } from './drivers.generated.ts'

type Drivers = typeof allDrivers

/** Gives the parts of the MySQL driver, each loaded and built when it is first asked for. */
export function giveParts(door: () => Promise<Door>, drivers: Drivers = allDrivers): GivePart {
  const built = new Map<string, Promise<unknown>>()
  return <Part>(port: Port<Part>): Promise<Part> => {
    const part = built.get(port.name) ?? build(port, door, drivers)
    built.set(port.name, part)
    // The driver of a port is made for it by `driverOf`, which ties both to one type.
    return part as Promise<Part>
  }
}

async function build(port: Port<unknown>, door: () => Promise<Door>, drivers: Drivers): Promise<unknown> {
  const load = drivers[port.name]
  if (load === undefined) throw new Error(`no file of a driver builds the port ${port.name}`)
  const [driver, opened] = await Promise.all([load(), door()])
  if (driver.port !== port) throw new Error(`the driver ${port.name} is made for another port`)
  return driver.build(opened)
}
