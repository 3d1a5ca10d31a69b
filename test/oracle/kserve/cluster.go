package main

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
)

// Made is what the controller creates, by name.
type Made struct {
	Deployments map[string]appsv1.DeploymentSpec `json:"deployments,omitempty"`
	Services    map[string]corev1.ServiceSpec    `json:"services,omitempty"`
	// Autoscalers are HorizontalPodAutoscalers.
	Autoscalers map[string]autoscalingv2.HorizontalPodAutoscalerSpec `json:"autoscalers,omitempty"`
}

// cluster is an API server in memory that notes deletions instead of doing them: so the answer has both what was made
// and that it was deleted again.
type cluster struct {
	client.Client
	deleted []string
}

func newCluster(scheme *runtime.Scheme, objects []client.Object) *cluster {
	made := &cluster{}
	// A plain tracker: the one that newer releases make by itself reads all of Kubernetes' schemas for each case.
	tracker := testing.NewObjectTracker(scheme, serializer.NewCodecFactory(scheme).UniversalDecoder())
	made.Client = fake.NewClientBuilder().
		WithScheme(scheme).
		WithObjectTracker(tracker).
		WithObjects(objects...).
		WithInterceptorFuncs(interceptor.Funcs{
			Delete: func(_ context.Context, server client.WithWatch, object client.Object, _ ...client.DeleteOption) error {
				kinds, _, err := server.Scheme().ObjectKinds(object)
				if err != nil {
					return err
				}
				made.deleted = append(made.deleted, fmt.Sprintf("%s/%s", kinds[0].Kind, object.GetName()))
				return nil
			},
		}).
		Build()
	return made
}

func (c *cluster) made(ctx context.Context) Made {
	made := Made{
		Deployments: map[string]appsv1.DeploymentSpec{},
		Services:    map[string]corev1.ServiceSpec{},
		Autoscalers: map[string]autoscalingv2.HorizontalPodAutoscalerSpec{},
	}
	deployments, services, autoscalers := appsv1.DeploymentList{}, corev1.ServiceList{}, autoscalingv2.HorizontalPodAutoscalerList{}
	for _, list := range []client.ObjectList{&deployments, &services, &autoscalers} {
		if err := c.List(ctx, list); err != nil {
			panic(err) // The kinds are in the scheme, and the list is in memory.
		}
	}
	for _, item := range deployments.Items {
		made.Deployments[item.Name] = item.Spec
	}
	for _, item := range services.Items {
		made.Services[item.Name] = item.Spec
	}
	for _, item := range autoscalers.Items {
		made.Autoscalers[item.Name] = item.Spec
	}
	return made
}
