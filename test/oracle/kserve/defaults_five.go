//go:build !(kserve_0_15 || kserve_0_16 || kserve_0_17)

package main

import "github.com/kserve/kserve/pkg/apis/serving/v1beta1"

// setDefaults is KServe's mutating webhook without its look-ups.
func setDefaults(service *v1beta1.InferenceService, settings *settings) {
	service.DefaultInferenceService(settings.services, settings.deploy, settings.security, nil, nil)
}
