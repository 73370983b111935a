import { Injectable } from '@nestjs/common';

import { AppSettings } from '../config/index.js';
import { DiscoveryClient } from '../discovery/index.js';
import type { Lab } from './lab.js';
import { LabView } from './lab.view.js';
import { MalformedRequestSecret, buildLabObjects, draftLabObjects } from './objects/index.js';
import type { LabBuildInput, LabObject, LabRequestData } from './objects/index.js';

/** The objects of a lab, from everything that goes into them. */
@Injectable()
export class LabBlueprint {
  constructor(
    private readonly view: LabView,
    private readonly discovery: DiscoveryClient,
    private readonly settings: AppSettings,
  ) {}

  /** As its request Secret asks for. @throws {MissingSecret} @throws {MalformedRequestSecret} */
  async drawn(lab: Lab): Promise<readonly LabObject[]> {
    const request = this.view.labs.requestData(lab.name, lab.wish.operation.id);
    if (!request) throw new MalformedRequestSecret('The Secret with the request of this operation is gone');
    return buildLabObjects(await this.input(lab, request));
  }

  /** As a request would have it, to the letter. @throws {MissingSecret} */
  async drawnFor(lab: Lab, request: LabRequestData): Promise<readonly LabObject[]> {
    return buildLabObjects(await this.input(lab, request));
  }

  /** As a request would have it, to be measured. @throws {MissingSecret} */
  async draft(lab: Lab, request: LabRequestData): Promise<readonly LabObject[]> {
    return draftLabObjects(await this.input(lab, request));
  }

  private async input(lab: Lab, request: LabRequestData): Promise<LabBuildInput> {
    return {
      lab,
      request,
      settings: this.settings,
      instance: this.view.labs.instance,
      secrets: this.view.world.sourceSecrets(),
      discovery: await this.discovery.reduced(),
    };
  }
}
