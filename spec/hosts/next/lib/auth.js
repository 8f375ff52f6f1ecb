import express from 'express';
import { createTokenRouter } from 'express-token-router';

const apps = {};
const routers = {};

/** The app of this name, made once it is needed: a build must not make it. Its options come from the program that tries it. */
export function getApp(name) {
  apps[name] ??= express().set('trust proxy', 1).use(getRouter(name));
  return apps[name];
}

export function getRouter(name) {
  routers[name] ??= createTokenRouter(globalThis[Symbol.for('tried hosts')][name]);
  return routers[name];
}
