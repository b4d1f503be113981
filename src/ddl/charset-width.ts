const wideCharsets: Readonly<Record<string, number>> = {
  utf8mb4: 4,
  utf16: 4,
  utf16le: 4,
  utf32: 4,
  gb18030: 4,
  utf8mb3: 3,
  // As 8.0 names it before 8.0.28.
  utf8: 3,
  eucjpms: 3,
  ujis: 3,
  ucs2: 2,
  big5: 2,
  gbk: 2,
  gb2312: 2,
  euckr: 2,
  sjis: 2,
  cp932: 2,
}

/** The most bytes of a character; null where the character set is unknown (SHOW CHARACTER SET, Maxlen). */
export function bytesOfCharacter(charset: string | null): number | null {
  return charset === null ? null : (wideCharsets[charset] ?? 1)
}

/** The most bytes of a character; 4 where the character set is unknown: nothing has more. */
export const bytesPerCharacter = (charset: string | null): number => bytesOfCharacter(charset) ?? 4
