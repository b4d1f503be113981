// The folder of a site: what is in it goes before the new one comes, and so only where an earlier build put it.
import { existsSync, mkdirSync, readdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { isAbsolute, join, relative, sep } from 'node:path'

/** In each folder that a build made: the next one may empty it. */
const marker = '.wwdb-site'

/**
 * Throws for a folder that has something else in it than a site, and for one in which the repository lies. A link is followed.
 * @param {string} out @param {string} root of the repository
 */
export function refuseOthers(out, root) {
  if (!existsSync(out)) return
  const place = realpathSync(out)
  const inside = relative(place, root)
  if (!isAbsolute(inside) && inside.split(sep)[0] !== '..')
    throw new Error(
      `The site cannot be put into ${out}: the repository is in there. Name another folder with \`--out\`.`,
    )
  if (!statSync(place).isDirectory()) throw new Error(`${out} is a file. Name a folder with \`--out\`.`)
  if (readdirSync(place).length > 0 && !existsSync(join(place, marker)))
    throw new Error(
      `${out} is not empty, and no site was put there by an earlier build. Empty it yourself, or name another folder with \`--out\`.`,
    )
}

/** Empties the folder, or makes it. @param {string} out @param {string} root of the repository */
export function makeRoom(out, root) {
  refuseOthers(out, root)
  mkdirSync(out, { recursive: true })
  for (const name of readdirSync(out).filter((one) => one !== marker)) rmSync(join(out, name), { recursive: true })
  writeFileSync(join(out, marker), '')
}
