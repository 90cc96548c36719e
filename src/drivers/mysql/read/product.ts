// Which of the two servers it is.

/** MariaDB counts from 10.0 on, MySQL has not come as far. */
export const isMariadb = (version: number): boolean => version >= 100_000;
