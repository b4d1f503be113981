/** How often a test may ask for INNODB_TRX, in milliseconds: the server fills this table again only when nobody has read it for a tenth of a second. */
export const rereads = 250
