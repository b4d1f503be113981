import { chmod, copyFile, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pid } from 'node:process'
import { type Browser, chromium } from 'playwright-core'
import { fetchPackages, findOnPath } from '../../../src/sandbox/programs.ts'

/** The browser, a font of Latin letters and one of Chinese. */
const packages = ['chromium-headless-shell', 'fonts-dejavu-core', 'fonts-wqy-microhei'] as const

const question = { words: ['--version'], pattern: /(\d+\.\d+\.\d+)/ }

/** Chromium of Debian's packages, unpacked into the cache; else one on PATH. */
export async function findChromium(): Promise<string> {
  const prefix = await fetchPackages('chromium', packages)
  if (prefix !== null) return makeLauncher(prefix)
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    const found = await findOnPath(name, question, () => true)
    if (found !== null) return found.command[0]
  }
  throw new Error('no Chromium can be had: this machine has no packages of Debian, and no `chromium` on PATH')
}

/**
 * The browser looks for its files beside its own program, which is the loader that starts it: a copy of that stands there. It gets the libraries
 * and the fonts that came with it, and starts its own processes in the same way.
 */
async function makeLauncher(prefix: string): Promise<string> {
  const folder = join(prefix, 'usr/lib/chromium')
  const [loader, program, launcher] = ['loader', 'chromium-headless-shell', 'launch'].map((name) => join(folder, name))
  if (loader === undefined || program === undefined || launcher === undefined) throw new Error('there are three')
  const read = async (file: string): Promise<string> => (await readFile(join(prefix, file), 'utf8')).trim()
  const libraries = (await read('.libraries')).split(':').flatMap((path) => [path, `${path}/pulseaudio`])
  const fonts = join(folder, 'fonts.conf')
  await copyFile(join(prefix, await read('.loader')), `${loader}.${pid}`)
  await rename(`${loader}.${pid}`, loader)
  const place = async (file: string, text: string): Promise<void> => {
    await writeFile(`${file}.${pid}`, text)
    await chmod(`${file}.${pid}`, 0o755)
    await rename(`${file}.${pid}`, file)
  }
  await place(
    fonts,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>${prefix}/usr/share/fonts</dir><cachedir>${folder}/fonts</cachedir></fontconfig>\n`,
  )
  const path = libraries.map((library) => join(prefix, library)).join(':')
  await place(
    launcher,
    `#!/bin/sh\nexport FONTCONFIG_FILE="${fonts}"\nexec "${loader}" --library-path "${path}" --argv0 "${program}" "${program}" "$@"\n`,
  )
  return launcher
}

/** A browser of its own, to be closed by who asked. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = await findChromium()
  const args = ['--no-sandbox', '--no-zygote', '--disable-gpu', `--browser-subprocess-path=${executablePath}`]
  return chromium.launch({ executablePath, args })
}
