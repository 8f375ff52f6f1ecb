type Resource = 'Timeout' | 'TCPSERVERWRAP';

/** How many timers or listening ports keep this process alive. */
export const countResources = (resource: Resource) =>
  process.getActiveResourcesInfo().filter((name) => name === resource).length;
