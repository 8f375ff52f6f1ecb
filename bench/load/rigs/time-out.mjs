/** The middleware that many hosts have first: whoever is not answered in time is answered here. */
export const createTimeOut = (milliseconds) => (_req, res, next) => {
  const timer = setTimeout(() => {
    if (!res.headersSent) res.status(503).json({ error: 'time_out' });
  }, milliseconds);
  res.on('close', () => clearTimeout(timer));
  next();
};
