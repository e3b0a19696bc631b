/** The application's home and name. */
export const NAMESPACE = 'shop';
export const APPLICATION = 'shop';
