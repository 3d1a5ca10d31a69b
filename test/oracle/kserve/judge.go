package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/kubernetes/fake"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/kserve/kserve/pkg/apis/serving/v1beta1"
	"github.com/kserve/kserve/pkg/constants"
	"github.com/kserve/kserve/pkg/controller/v1beta1/inferenceservice/components"
	isvcutils "github.com/kserve/kserve/pkg/controller/v1beta1/inferenceservice/utils"
	"github.com/kserve/kserve/pkg/utils"
)

// Case is a service that is created in a cluster with some runtimes.
type Case struct {
	Service json.RawMessage `json:"service"`
	// Runtimes are ServingRuntimes, ClusterServingRuntimes, and whatever else KServe may look up.
	Runtimes []json.RawMessage `json:"runtimes"`
	// ConfigMap replaces keys of the inferenceservice-config that KServe ships.
	ConfigMap map[string]string `json:"configMap"`
}

// Verdict is what KServe says and does. What did not happen is left out.
type Verdict struct {
	// Unreadable says why an object of the case does not fit KServe's types.
	Unreadable string `json:"unreadable,omitempty"`
	// Stored is the service after KServe's mutating webhook.
	Stored *v1beta1.InferenceService `json:"stored,omitempty"`
	// Webhook is the refusal of the validating webhook. The controller is asked all the same.
	Webhook string `json:"webhook,omitempty"`
	// Mode is the deployment mode that the controller takes.
	Mode  string `json:"mode,omitempty"`
	Error string `json:"error,omitempty"`
	Panic string `json:"panic,omitempty"`
	Made
	// Deleted are "Kind/name" of what the controller deletes in the same reconcile; it is kept for the answer.
	Deleted []string `json:"deleted,omitempty"`
}

// Judge holds what all cases share.
type Judge struct {
	scheme   *runtime.Scheme
	decoder  runtime.Decoder
	shipped  map[string]string
	gpuTypes []string
}

func newJudge(shipped map[string]string) (*Judge, error) {
	scheme, err := newScheme()
	if err != nil {
		return nil, err
	}
	return &Judge{
		scheme:   scheme,
		decoder:  serializer.NewCodecFactory(scheme).UniversalDeserializer(),
		shipped:  shipped,
		gpuTypes: append([]string{}, constants.DefaultGPUResourceTypeList...),
	}, nil
}

func (j *Judge) verdict(question Case) (verdict Verdict) {
	service := &v1beta1.InferenceService{}
	if err := json.Unmarshal(question.Service, service); err != nil {
		return Verdict{Unreadable: err.Error()}
	}
	objects, err := j.objects(question.Runtimes)
	if err != nil {
		return Verdict{Unreadable: err.Error()}
	}
	service.UID = "1"
	if service.Namespace == "" {
		service.Namespace = metav1.NamespaceDefault
	}
	if service.Generation == 0 {
		service.Generation = 1
	}

	defer func() {
		if cause := recover(); cause != nil {
			verdict.Panic = fmt.Sprint(cause)
		}
	}()
	settings, err := j.configured(question.ConfigMap)
	if err != nil {
		verdict.Error = err.Error()
		return verdict
	}
	setDefaults(service, settings)
	verdict.Stored = service.DeepCopy()
	if _, err := (&v1beta1.InferenceServiceValidator{}).ValidateCreate(context.Background(), service); err != nil {
		verdict.Webhook = err.Error()
	}
	j.reconcile(service, objects, settings, &verdict)
	return verdict
}

// reconcile does what the controller does with a service that has just been created.
func (j *Judge) reconcile(
	service *v1beta1.InferenceService, objects []client.Object, settings *settings, verdict *Verdict,
) {
	ctx := context.Background()
	cluster := newCluster(j.scheme, append(objects, service.DeepCopy(), settings.configMap))
	// What was made before a panic stands as well.
	defer func() { verdict.Made, verdict.Deleted = cluster.made(ctx), cluster.deleted }()

	annotations := utils.Filter(service.Annotations, func(key string) bool {
		return !utils.Includes(settings.services.ServiceAnnotationDisallowedList, key)
	})
	mode := isvcutils.GetDeploymentMode(service.Status.DeploymentMode, annotations, settings.deploy)
	verdict.Mode = string(mode)
	clientset := fake.NewSimpleClientset(settings.configMap)
	predictor := components.NewPredictor(cluster, clientset, j.scheme, settings.services, mode)
	if _, err := predictor.Reconcile(ctx, service); err != nil {
		verdict.Error = err.Error()
	}
}

func (j *Judge) objects(texts []json.RawMessage) ([]client.Object, error) {
	objects := []client.Object{}
	for _, text := range texts {
		decoded, _, err := j.decoder.Decode(text, nil, nil)
		if err != nil {
			return nil, err
		}
		object, ok := decoded.(client.Object)
		if !ok {
			return nil, fmt.Errorf("%T is no object", decoded)
		}
		objects = append(objects, object)
	}
	return objects, nil
}

// configured reads the ConfigMap as the manager does when it starts.
func (j *Judge) configured(changed map[string]string) (*settings, error) {
	data := maps.Clone(j.shipped)
	maps.Copy(data, changed)
	configMap := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{
			Name: constants.InferenceServiceConfigMapName, Namespace: constants.KServeNamespace,
		},
		Data: data,
	}
	// The list of GPU types is a variable of the process, which the manager sets once.
	constants.DefaultGPUResourceTypeList = append([]string{}, j.gpuTypes...)
	if _, err := v1beta1.NewMultiNodeConfig(configMap); err != nil {
		return nil, err
	}
	services, err := v1beta1.NewInferenceServicesConfig(configMap)
	if err != nil {
		return nil, err
	}
	deploy, err := v1beta1.NewDeployConfig(configMap)
	if err != nil {
		return nil, err
	}
	security, err := v1beta1.NewSecurityConfig(configMap)
	if err != nil {
		return nil, err
	}
	return &settings{configMap: configMap, services: services, deploy: deploy, security: security}, nil
}

type settings struct {
	configMap *corev1.ConfigMap
	services  *v1beta1.InferenceServicesConfig
	deploy    *v1beta1.DeployConfig
	security  *v1beta1.SecurityConfig
}
